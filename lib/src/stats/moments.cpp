#include "stats/moments.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

/// A normal column's 1 % and 99 % quantiles are so many deviations apart.
constexpr double kInnerWidth = 4.652695748081682;

/// Deviations of the inner part: numbers further out than the first are none of the bulk; where the
/// whole column's deviation is more than the second, such numbers make most of it.
constexpr double kFarOut = 10, kMostlyFarOut = 3;

/// The least that is not below `size`, but 1 for 0.
double power_of_two(double size) {
  if (!(size > 0)) return 1;
  int exponent = 0;
  std::frexp(size, &exponent);
  return std::ldexp(1.0, std::min(exponent, std::numeric_limits<double>::max_exponent - 1));
}

}  // namespace

Inner inner_part(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  std::vector<double> x;
  for (Index r = 0; r < rows.rows(); ++r) {
    if (weights.empty() || weights[static_cast<std::size_t>(r)] > 0) x.push_back(rows(r, column));
  }
  if (x.empty()) return {0, 0};
  const auto quantile = [&x](double share) {
    const auto place = x.begin() + static_cast<Index>(share * static_cast<double>(x.size() - 1));
    std::nth_element(x.begin(), place, x.end());
    return *place;
  };
  const double low = quantile(0.01), high = quantile(0.99);
  return {quantile(0.5), high / kInnerWidth - low / kInnerWidth};
}

Moments moments(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  const Mean mean_of(weights);
  const double size = mean_of.size_of(rows.col(column));
  const double unit = power_of_two(size);
  const auto x = rows.col(column).array() / unit;
  const double first = mean_of(x);
  const double mean = first + mean_of(x - first);
  const double off = mean_of(x - mean);
  const double variance = mean_of((x - mean).square()) - off * off;
  return {unit, mean, std::sqrt(std::max(variance, 0.0))};
}

namespace {

/// The numbers of a column that are not far out, or all of them where these make no difference.
struct Bulk {
  std::vector<double> numbers, weights;

  Index size() const { return static_cast<Index>(numbers.size()); }
};

Bulk bulk_of(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  const Moments all = moments(rows, column, weights);
  const Inner inner = inner_part(rows, column, weights);
  const double deviation = inner.deviation / all.unit;
  const bool far_out = deviation > 0 && all.deviation > kMostlyFarOut * deviation;
  Bulk bulk;
  for (Index r = 0; r < rows.rows(); ++r) {
    const double away = std::fabs(rows(r, column) - inner.median);
    if (far_out && !(away <= kFarOut * inner.deviation)) continue;
    bulk.numbers.push_back(rows(r, column));
    if (!weights.empty()) bulk.weights.push_back(weights[static_cast<std::size_t>(r)]);
  }
  return bulk;
}

}  // namespace

Moments bulk_moments(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  const Bulk bulk = bulk_of(rows, column, weights);
  return moments(Eigen::Map<const RowMatrix>(bulk.numbers.data(), bulk.size(), 1), 0, bulk.weights);
}

Range bulk_range(const RowMatrix& rows, Index column, const std::vector<double>& weights) {
  const Bulk bulk = bulk_of(rows, column, weights);
  const auto [low, high] = std::minmax_element(bulk.numbers.begin(), bulk.numbers.end());
  return {*low, *high};
}

double skewness(const Eigen::ArrayXd& numbers) {
  const Eigen::ArrayXd centred = numbers - numbers.mean();
  const double variance = centred.square().mean();
  return variance > 0 ? centred.cube().mean() / std::pow(variance, 1.5) : 0;
}

}  // namespace nflow
