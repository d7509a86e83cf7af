#pragma once

#include <vector>

#include "math/random.h"
#include "nflow/table.h"
#include "train/mixture_fit.h"

namespace nflow {

/// A Gaussian mixture as a density of its own: with a mass of 1 by its formula, and nothing in
/// common with the links of a chain.
class Proposal {
 public:
  explicit Proposal(GaussianMixture mixture);

  RowMatrix sample(Index n, const Random& random) const;
  std::vector<double> log_prob(const RowMatrix& rows) const;

 private:
  double conditional_mean(Index column, Index component, const double* row) const;

  GaussianMixture mixture_;
  Index components_, columns_;
};

}  // namespace nflow
