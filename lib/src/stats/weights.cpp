#include "stats/weights.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "nflow/error.h"

namespace nflow {
namespace {

/// `scaled`, or more where it is rounded to 0 and the weight was not 0.
double kept_above_zero(double scaled, double weight) {
  return weight > 0 ? std::max(scaled, std::numeric_limits<double>::denorm_min()) : scaled;
}

}  // namespace

void check_weights(const Dataset& data, const std::string& what) {
  const std::vector<double>& weights = data.weights;
  if (weights.empty()) return;
  if (static_cast<Index>(weights.size()) != data.x.rows()) {
    throw Error("the " + what + " need one weight each");
  }
  for (const double w : weights) {
    if (!(w >= 0) || !std::isfinite(w)) {
      throw Error("a weight of the " + what + " is not a finite number of 0 or more");
    }
  }
  const auto positive = [](double w) { return w > 0; };
  if (std::none_of(weights.begin(), weights.end(), positive)) {
    throw Error("all weights of the " + what + " are 0");
  }
}

bool has_weightless_rows(const Dataset& data) {
  return std::find(data.weights.begin(), data.weights.end(), 0.0) != data.weights.end();
}

Dataset without_weightless_rows(const Dataset& data) {
  if (!has_weightless_rows(data)) return data;
  std::vector<Index> places;
  for (std::size_t i = 0; i < data.weights.size(); ++i) {
    if (data.weights[i] != 0) places.push_back(static_cast<Index>(i));
  }
  return rows_at(data, places);
}

int exponent_of(double weight) {
  int e = std::numeric_limits<int>::min();
  if (weight > 0) std::frexp(weight, &e);
  return e;
}

int exponent_of(const std::vector<double>& weights) {
  return weights.empty() ? 0 : exponent_of(*std::max_element(weights.begin(), weights.end()));
}

double scaled_weight(double weight, int e) {
  return weight > 0 ? kept_above_zero(std::ldexp(weight, -e), weight) : weight;
}

double total_weight(const std::vector<double>& weights, Index rows) {
  if (weights.empty()) return static_cast<double>(rows);
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

std::vector<double> normalised(std::vector<double> weights) {
  if (weights.empty()) return weights;
  // Divided by the largest first, so that no sum overflows.
  const double most = *std::max_element(weights.begin(), weights.end());
  double total = 0;
  for (double& w : weights) total += (w = kept_above_zero(w / most, w));
  const double mean = total / static_cast<double>(weights.size());
  for (double& w : weights) w /= mean;
  return weights;
}

std::vector<double> spread_weights(const std::vector<double>& weights, Index most) {
  const auto rows = static_cast<Index>(weights.size()), n = std::min(most, rows);
  std::vector<double> spread;
  for (Index r = 0; r < n; ++r) spread.push_back(weights[r * rows / n]);
  return normalised(std::move(spread));
}

double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  const int e = exponent_of(weights);
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = weights.empty() ? 1 : scaled_weight(weights[i], e);
    if (w == 0) continue;  // whatever the value
    sum += w * values[i];
    total += w;
  }
  return sum / total;
}

double effective_sample_size(const Dataset& data) {
  if (data.weights.empty()) return static_cast<double>(data.rows());
  double squares = 0;
  for (const double w : normalised(data.weights)) squares += w * w;
  const auto rows = static_cast<double>(data.x.rows());
  return static_cast<double>(data.rows()) * rows / squares;
}

}  // namespace nflow
