#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "io/scratch_file.h"
#include "nflow/table.h"

namespace nflow {

/// Rows of numbers that are appended once and then read in any order: in memory as long as they
/// take no more than a budget, all of them in a ScratchFile where they would.
class RowStore {
 public:
  /// `budget` in bytes.
  RowStore(Index cols, std::uint64_t budget) : cols_(cols), budget_(budget) {}

  void append(const double* rows, Index count);
  /// Call behind the last append() and before the first read().
  void finish();

  Index rows() const { return static_cast<Index>(numbers_) / cols_; }
  Index cols() const { return cols_; }
  std::uint64_t bytes() const { return numbers_ * sizeof(double); }
  bool in_file() const { return file_ != nullptr; }

  /// Rows [first, first + count), one behind the other. Threads may read side by side.
  void read(Index first, Index count, double* to) const;
  /// Says that this will be read soon.
  void will_read(Index first, Index count) const;

 private:
  using Segment = std::unique_ptr<double[]>;

  void make_room();
  bool add_segment();
  void move_to_file();

  Index cols_;
  std::uint64_t budget_, numbers_ = 0, written_ = 0;
  std::vector<Segment> segments_;  // of the numbers that are not written
  std::unique_ptr<ScratchFile> file_;
};

}  // namespace nflow
