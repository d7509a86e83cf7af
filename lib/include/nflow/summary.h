#pragma once

#include <cstdint>
#include <limits>

#include "nflow/mean_estimate.h"

namespace nflow {

/// Mean, standard error and extremes of a stream of numbers.
class Summary {
 public:
  void add(double value);

  std::uint64_t count() const { return count_; }
  /// Infinite, and so is the error, where a number was.
  MeanEstimate mean() const;
  double min() const { return min_; }
  double max() const { return max_; }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared distances from the mean
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

}  // namespace nflow
