#include "nflow/mean_estimate.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "stats/weights.h"

namespace nflow {

MeanEstimate estimate_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  const double mean = weighted_mean(values, weights);
  const int e = exponent_of(weights);
  double squares = 0, total = 0, n = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = weights.empty() ? 1 : scaled_weight(weights[i], e);
    if (w == 0) continue;
    squares += std::pow(w * (values[i] - mean), 2);
    total += w;
    ++n;
  }
  if (n < 2) return {mean, std::numeric_limits<double>::quiet_NaN()};
  return {mean, std::sqrt(squares * n / (n - 1)) / total};
}

bool is_ahead(const std::vector<double>& values, const std::vector<double>& others,
              const std::vector<double>& weights, double errors) {
  std::vector<double> gains(values.size());
  std::transform(values.begin(), values.end(), others.begin(), gains.begin(), std::minus<>());
  const MeanEstimate gain = estimate_mean(gains, weights);
  return gain.mean > (std::isnan(gain.error) ? 0 : errors * gain.error);
}

}  // namespace nflow
