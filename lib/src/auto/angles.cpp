#include "auto/angles.h"

#include <algorithm>
#include <cmath>

namespace nflow {
namespace {

/// More rows change none of what is chosen.
constexpr Index kMostRows = 2000;

/// A spacing of rounded angles may be 0; nothing is told apart that is closer, in turns.
constexpr double kLeastSpacing = 1e-9;

}  // namespace

std::vector<Index> rows_of_angles(const Dataset& fit) {
  const Index rows = fit.x.rows(), step = (rows + kMostRows - 1) / kMostRows;
  std::vector<Index> chosen;
  for (Index r = 0; r < rows; r += step) {
    const bool counts = fit.weights.empty() || fit.weights[static_cast<std::size_t>(r)] > 0;
    if (counts) chosen.push_back(r);
  }
  return chosen;
}

Turns turns_at(const Dataset& fit, const std::vector<Index>& rows, const Support& support,
               std::size_t column) {
  Turns turns;
  for (const Index r : rows) {
    turns.push_back(support.to_line(fit.x(r, static_cast<Index>(column))));
  }
  return turns;
}

double concentration(Turns& turns) {
  for (double& x : turns) x -= std::floor(x);
  std::sort(turns.begin(), turns.end());
  const std::size_t n = turns.size();
  const auto m = static_cast<std::size_t>(std::sqrt(static_cast<double>(n)) / 2) + 1;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double wrapped = i + m < n ? turns[i + m] : turns[i + m - n] + 1;
    sum -= std::log(std::max(wrapped - turns[i], kLeastSpacing));
  }
  const auto count = static_cast<double>(n);
  return sum / count + std::log(static_cast<double>(m) / count);
}

}  // namespace nflow
