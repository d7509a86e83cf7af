#pragma once

#include <cstdint>
#include <vector>

#include "train/large_table.h"
#include "train/line_rows.h"
#include "train/scaled_rows.h"

namespace nflow {

/// A large table, and how its rows become those that a chain trains on.
struct LaneRows {
  const LargeTable& table;
  const Dataset& sample;  ///< of the table, on the line
  const LineMap& line;
  Scaler scaler, context_scaler;
  std::uint64_t seed;
  std::vector<ContextKind> context_kinds = {};
};

/// The rows of a lane in an endless sequence, pass after pass. A pass takes the lane's blocks in
/// windows, each of blocks from everywhere in the lane: one, chosen at random, from each of as many
/// stretches as a window has blocks. A window's rows come in random order. So some thousand rows in
/// a row are much like the whole lane, however the table is sorted. The sequence is a function of
/// seed and lane.
template <class T>
class Lane {
 public:
  /// Rows count as `weight`, times their own where they have any.
  Lane(const LaneRows& source, Index number, double weight);

  /// Goes to a place of the sequence.
  void go_to(std::uint64_t place);
  /// Writes the next rows to rows [first, last) of `to`, with their weights. A lane without rows
  /// gives zeros that count as nothing.
  void take(ScaledData<T>& to, Index first, Index last);

 private:
  void begin_pass(std::uint64_t pass);
  Index rows_of(Index window) const;
  void load(Index window, std::uint64_t first_place);
  void shuffle(std::uint64_t first_place);

  const LaneRows& source_;
  Part blocks_;
  std::uint64_t rows_;
  Index windows_;
  double weight_;
  std::uint64_t pass_ = 0;
  std::vector<Index> order_;  // of the blocks: window w has places w, w + windows_, ...
  Index window_ = 0;          // at hand
  std::uint64_t place_ = 0;   // of the next row in the pass
  ScaledData<T> held_;        // the window's rows
  std::vector<std::uint32_t> shuffled_;
  std::size_t next_ = 0;  // of shuffled_
  LargeTable::Block block_;
};

}  // namespace nflow
