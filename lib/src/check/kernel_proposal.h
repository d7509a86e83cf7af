#pragma once

#include <cstdint>
#include <vector>

#include "math/random.h"
#include "nflow/table.h"

namespace nflow {

/// A density of its own around given rows: each has a kernel that is as wide as its neighbours are
/// far, Student's t with as many degrees of freedom as there are columns. The kernels reach
/// everywhere, so that a mean of p / q over its draws misses nothing; its mass is 1 by its formula.
class KernelProposal {
 public:
  /// `centres`: at least two rows, N x d. Takes N^2 d steps.
  explicit KernelProposal(RowMatrix centres);

  /// Rows of the proposal; a function of `random` alone.
  RowMatrix sample(Index n, const Random& random) const;
  /// Takes N d steps for each row.
  std::vector<double> log_prob(const RowMatrix& rows) const;

 private:
  RowMatrix centres_;
  std::vector<double> width_, height_;  // of each kernel; the heights, over all but constants
  double log_height_;                   // what all heights are to be multiplied by
};

}  // namespace nflow
