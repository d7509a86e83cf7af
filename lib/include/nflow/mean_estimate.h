#pragma once

#include <vector>

namespace nflow {

/// A weighted mean and its standard error.
struct MeanEstimate {
  double mean;
  double error;  ///< NaN for a single row
};
/// `weights` may be empty: all 1. Only their ratios matter, and values of weight 0 count as if they
/// were not there.
MeanEstimate estimate_mean(const std::vector<double>& values, const std::vector<double>& weights);

}  // namespace nflow
