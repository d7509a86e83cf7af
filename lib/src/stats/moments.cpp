#include "stats/moments.h"

#include <cmath>

namespace nflow {
namespace {

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

}  // namespace

Moments moments(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  const Mean mean_of(weights);
  const double size = mean_of.size_of(rows.col(column));
  const double unit = size > 0 ? size : 1;
  const double mean = mean_of(rows.col(column).array() / unit);
  const double variance = mean_of((rows.col(column).array() / unit - mean).square());
  return {unit, mean, std::sqrt(variance)};
}

double skewness(const Eigen::ArrayXd& numbers) {
  const Eigen::ArrayXd centred = numbers - numbers.mean();
  const double variance = centred.square().mean();
  return variance > 0 ? centred.cube().mean() / std::pow(variance, 1.5) : 0;
}

}  // namespace nflow
