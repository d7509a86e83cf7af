#pragma once

#include <vector>

#include "nflow/table.h"

namespace nflow {

/// A column's mean and deviation in units of `unit`, the power of two at or above its largest
/// number: those near 1e308 must not overflow when squared, nor those near 1e-200 vanish, and the
/// division is exact.
struct Moments {
  double unit, mean, deviation;
};
/// By `weights` of mean 1 where there are any. Each sum is corrected by the sum of what it leaves
/// (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983): the deviation
/// has as many digits as the numbers themselves, however far from 0 they are.
Moments moments(const RowMatrix& rows, Index column, const std::vector<double>& weights = {});

/// The median of a column, and the deviation of a normal one with the same 1 % and 99 % quantiles.
/// Rows of weight 0 are left out, and others count alike, whatever their weight: quantiles are here
/// to find what is far out.
struct Inner {
  double median, deviation;
};
Inner inner_part(const RowMatrix& rows, Index column, const std::vector<double>& weights = {});

/// The moments of a column's bulk, where a few numbers lie so far out that they make most of the
/// deviation: without the numbers that are kFarOut deviations away, as the inner 98 % has them.
Moments bulk_moments(const RowMatrix& rows, Index column, const std::vector<double>& weights = {});

/// The least and largest number of a column's bulk.
struct Range {
  double low, high;
};
Range bulk_range(const RowMatrix& rows, Index column, const std::vector<double>& weights = {});

/// The mean cube of the standardised numbers; 0 where they are all alike.
double skewness(const Eigen::ArrayXd& numbers);

}  // namespace nflow
