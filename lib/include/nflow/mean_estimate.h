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

/// Is the mean of `values` above that of `others`, at the same rows, by more than `errors` standard
/// errors of the mean difference? A single row has no standard error: any difference will do.
bool is_ahead(const std::vector<double>& values, const std::vector<double>& others,
              const std::vector<double>& weights, double errors);

}  // namespace nflow
