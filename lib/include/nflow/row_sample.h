#pragma once

#include <cstdint>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/table.h"

namespace nflow {

/// Some rows of a table that is read piece by piece: all while there are no more than `most`, else
/// so many, each set of them as likely as any other, drawn by `seed` (reservoir sampling).
class RowSample {
 public:
  RowSample(Index most, std::uint64_t seed) : most_(most), seed_(seed) {}

  void add(const RowMatrix& x, const RowMatrix& context);
  /// The rows kept so far, in the order of the table.
  Dataset rows() const;
  std::uint64_t seen() const { return seen_; }

 private:
  Index most_;
  std::uint64_t seed_;
  std::uint64_t seen_ = 0;
  std::vector<std::uint64_t> numbers_;  // of the rows kept
  RowMatrix x_, context_;               // these, with room for more
};

}  // namespace nflow
