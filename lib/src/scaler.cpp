#include "scaler.h"

#include "nflow/error.h"
#include "nflow/preflight.h"
#include "stats/moments.h"
#include "train/weights.h"

namespace nflow {
namespace {

/// Of a column's largest number: a deviation below it is rounding.
constexpr double kLeastDeviation = 1e-14;

}  // namespace

bool stands_still(const RowMatrix& rows, Index column) {
  return !(moments(rows, column).deviation > kLeastDeviation);
}

Scaler fit_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                  const std::vector<double>& weights, Index circular) {
  const std::vector<double> ratios = normalised(weights);
  Scaler scaler;
  for (Index j = 0; j < rows.cols(); ++j) {
    const Moments m = moments(rows, j, ratios);
    if (!(m.deviation > kLeastDeviation)) {
      throw Error("column '" + names[j] + "' is constant; a density needs columns that vary");
    }
    scaler.mean.push_back(j < circular ? 0 : m.mean * m.unit);
    scaler.deviation.push_back(j < circular ? 1 : m.deviation * m.unit);
  }
  return scaler;
}

Scaler joined(Scaler first, const Scaler& second) {
  first.mean.insert(first.mean.end(), second.mean.begin(), second.mean.end());
  first.deviation.insert(first.deviation.end(), second.deviation.begin(), second.deviation.end());
  return first;
}

}  // namespace nflow
