#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "io/row_store.h"
#include "io/shared_labels.h"

namespace nflow {

/// Rows of a table in blocks: block b has the rows whose records begin in bytes [b B, (b + 1) B) of
/// the data. So a block is the same whoever reads it, of a file or a pipe.
class BlockStore {
 public:
  /// For the blocks from `first_block` on; `memory` is the RowStore's budget.
  BlockStore(Index cols, std::uint64_t memory, std::uint64_t block_bytes, Index first_block)
      : rows_(cols, memory), block_bytes_(block_bytes), first_block_(first_block) {}

  /// Rows in the order of the data; begin[i] is the first byte of row i's record.
  void append(const RowMatrix& rows, const std::vector<std::uint64_t>& begin);
  void finish() { rows_.finish(); }
  /// From then on read() gives labels their new numbers; rows() has the old ones.
  void renumber(LabelNumbers numbers) { numbers_ = std::move(numbers); }

  const RowStore& rows() const { return rows_; }
  /// Replaces `rows` by those of a block; by none where the block is not here.
  void read(Index block, RowMatrix& rows) const;
  void will_read(Index block) const;

 private:
  struct Range {
    Index first, count;
  };
  Range rows_of(Index block) const;

  RowStore rows_;
  std::uint64_t block_bytes_;
  Index first_block_;
  LabelNumbers numbers_;
  std::vector<Index> first_row_;  // of each block up to the last that has rows
};

}  // namespace nflow
