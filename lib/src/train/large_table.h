#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/block_store.h"
#include "nflow/read_table.h"

namespace nflow {

/// A table of more rows than a Dataset is to hold, in blocks of a BlockStore. Its blocks fall into
/// lanes, one for each shard of a batch: stretches of as many bytes of the data. Of several ranks
/// each holds the lanes of its shards.
class LargeTable {
 public:
  struct Shape {
    RowLayout layout;
    LargeTableSizes sizes;
    Index blocks = 0, lanes = 0;  // of all ranks
    Index rows = 0;               // with weight above 0
    int weight_exponent = 0;      // of the largest, see weights.h
  };

  LargeTable(BlockStore store, const Shape& shape, Ranks* ranks);

  /// Chooses the rows to validate with, and gives them and the sample.
  LargeSplit split(double fraction, bool capped, std::uint64_t seed);

  // What follows is of the training rows, behind split().

  const Shape& shape() const { return shape_; }
  Ranks* ranks() const { return ranks_; }
  Index rows() const { return rows_; }
  double mean_weight() const { return mean_weight_; }

  /// The blocks of a lane, and the rows of one.
  Part blocks_of(Index lane) const;
  Index rows_of_lane(Index lane) const { return lane_rows_[static_cast<std::size_t>(lane)]; }
  Index rows_of_block(Index block) const;

  /// Numbers of different lanes and rows do not meet; a lane has them from its first block's on.
  static std::uint64_t first_id(Index block);
  struct Block {
    RowMatrix rows;                  // N x shape().layout.count()
    std::vector<std::uint64_t> ids;  // a number for each row of the table
  };
  void read(Index block, Block& to) const;
  void will_read(Index block) const { store_.will_read(block); }

  /// Sixteen digits that tell it from others. All of several ranks call it together.
  std::string digest() const;

 private:
  enum class Use { none, validation, sample, fit };  // the sample's rows are among those to fit
  Use use_of(const Block& block, Index row) const;
  /// With all rows, and their weights scaled.
  void read_all(Index block, Block& to) const;

  BlockStore store_;
  Shape shape_;
  Ranks* ranks_;
  Part own_lanes_;
  std::uint64_t seed_ = 0;
  double validation_share_ = 0, sample_share_ = 0;  // of the rows
  Index rows_ = 0, first_block_ = 0;
  double mean_weight_ = 1;
  std::vector<Index> lane_rows_;
  std::vector<std::uint32_t> block_rows_;  // of own blocks
};

}  // namespace nflow
