#include "scaler.h"

#include <algorithm>

#include "nflow/error.h"
#include "nflow/preflight.h"
#include "stats/moments.h"
#include "stats/weights.h"

namespace nflow {
namespace {

/// An indicator's deviation is this at least: those of rare labels are no outliers.
constexpr double kLeastOfIndicator = 0.1;

Moments context_moments(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  if (!is_indicator(rows, column)) return bulk_moments(rows, column, weights);
  const Moments own = moments(rows, column, weights);
  return {1, own.mean * own.unit, std::max(own.deviation * own.unit, kLeastOfIndicator)};
}

/// In units of a column's largest number: a deviation below it is rounding.
constexpr double kLeastDeviation = 5e-15;

using MomentsOf = Moments (*)(const RowMatrix&, Index, const std::vector<double>&);

Scaler fitted(const RowMatrix& rows, const std::vector<std::string>& names,
              const std::vector<double>& weights, Index circular, MomentsOf moments_of) {
  const std::vector<double> ratios = normalised(weights);
  Scaler scaler;
  for (Index j = 0; j < rows.cols(); ++j) {
    const Moments m = moments_of(rows, j, ratios);
    if (!(m.deviation > kLeastDeviation)) {
      throw Error("column '" + names[j] + "' is constant; a density needs columns that vary");
    }
    scaler.mean.push_back(j < circular ? 0 : m.mean * m.unit);
    scaler.deviation.push_back(j < circular ? 1 : m.deviation * m.unit);
  }
  return scaler;
}

}  // namespace

bool is_indicator(const RowMatrix& rows, Index column) {
  const auto values = rows.col(column).array();
  return (values == 0 || values == 1).all();
}

bool stands_still(const RowMatrix& rows, Index column) {
  return !(moments(rows, column).deviation > kLeastDeviation);
}

Scaler fit_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                  const std::vector<double>& weights, Index circular) {
  return fitted(rows, names, weights, circular, moments);
}

Scaler fit_bulk_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                       const std::vector<double>& weights, Index circular) {
  return fitted(rows, names, weights, circular, bulk_moments);
}

Scaler fit_context_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                          const std::vector<double>& weights) {
  Scaler scaler = fitted(rows, names, weights, 0, context_moments);
  for (Index j = 0; j < rows.cols(); ++j) {
    const Range range = is_indicator(rows, j) ? Range{0, 1} : bulk_range(rows, j, weights);
    scaler.low.push_back(range.low);
    scaler.high.push_back(range.high);
  }
  return scaler;
}

bool far_outside(const Scaler& scaler, std::size_t column, double x) {
  if (scaler.low.empty()) return false;
  const double low = scaler.low[column], high = scaler.high[column];
  const double margin = 0.5 * (high - low);
  return x < low - margin || x > high + margin;
}

Scaler joined(Scaler first, const Scaler& second) {
  first.mean.insert(first.mean.end(), second.mean.begin(), second.mean.end());
  first.deviation.insert(first.deviation.end(), second.deviation.begin(), second.deviation.end());
  return first;
}

}  // namespace nflow
