#include "scaler.h"

#include <cmath>

#include "nflow/error.h"
#include "nflow/preflight.h"
#include "train/weights.h"

namespace nflow {
namespace {

/// Of a column's largest number: a deviation below it is rounding.
constexpr double kLeastDeviation = 1e-14;

/// Means over a column, plain or by weights of mean 1; of values that are given by row.
class Mean {
 public:
  explicit Mean(const std::vector<double>& weights)
      : weights_(weights.data(), static_cast<Index>(weights.size())), total_(weights_.sum()) {}

  template <class Values>
  double operator()(const Values& values) const {
    if (weights_.size() == 0) return values.mean();
    // A square may be infinite where the weight is 0.
    return (weights_ > 0).select(values * weights_, 0).sum() / total_;
  }
  /// The largest |x| that has a say.
  template <class Column>
  double size_of(const Column& column) const {
    if (weights_.size() == 0) return column.cwiseAbs().maxCoeff();
    return (weights_ > 0).select(column.array().abs(), 0).maxCoeff();
  }

 private:
  Eigen::Map<const Eigen::ArrayXd> weights_;
  double total_;
};

/// Of a column, in units of its largest number: those near 1e308 must not overflow when squared.
struct Moments {
  double unit, mean, deviation;
};

Moments moments(const RowMatrix& rows, Index column, const Mean& mean_of) {
  const double size = mean_of.size_of(rows.col(column));
  const double unit = size > 0 ? size : 1;
  const double mean = mean_of(rows.col(column).array() / unit);
  const double variance = mean_of((rows.col(column).array() / unit - mean).square());
  return {unit, mean, std::sqrt(variance)};
}

}  // namespace

bool stands_still(const RowMatrix& rows, Index column) {
  return !(moments(rows, column, Mean({})).deviation > kLeastDeviation);
}

Scaler fit_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                  const std::vector<double>& weights, Index circular) {
  const std::vector<double> ratios = normalised(weights);
  const Mean mean_of(ratios);
  Scaler scaler;
  for (Index j = 0; j < rows.cols(); ++j) {
    const Moments m = moments(rows, j, mean_of);
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
