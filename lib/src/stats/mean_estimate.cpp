#include "nflow/mean_estimate.h"

#include <cmath>
#include <limits>

#include "train/weights.h"

namespace nflow {

MeanEstimate estimate_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  const double mean = weighted_mean(values, weights);
  const auto n = static_cast<double>(values.size());
  if (values.size() < 2) return {mean, std::numeric_limits<double>::quiet_NaN()};
  double squares = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = weights.empty() ? 1 : weights[i];
    squares += std::pow(w * (values[i] - mean), 2);
    total += w;
  }
  return {mean, std::sqrt(squares * n / (n - 1)) / total};
}

}  // namespace nflow
