#include "nflow/summary.h"

#include <algorithm>
#include <cmath>

namespace nflow {

// Welford's recurrence ("Note on a method for calculating corrected sums of squares and products",
// 1962).
void Summary::add(double value) {
  ++count_;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  const double step = value - mean_;
  mean_ += step / static_cast<double>(count_);
  squares_ += step * (value - mean_);
}

MeanEstimate Summary::mean() const {
  // An infinite number leaves the recurrence with NaN. Infinities of both signs have no mean.
  if (count_ > 0 && (std::isinf(min_) || std::isinf(max_))) {
    return {min_ + max_, std::numeric_limits<double>::infinity()};
  }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const auto n = static_cast<double>(count_);
  return {count_ > 0 ? mean_ : none, count_ > 1 ? std::sqrt(squares_ / (n - 1) / n) : none};
}

}  // namespace nflow
