#pragma once

#include <vector>

#include "nflow/table.h"

namespace nflow {

/// Of a column, in units of its largest number: those near 1e308 must not overflow when squared,
/// nor those near 1e-200 vanish.
struct Moments {
  double unit, mean, deviation;
};
/// By `weights` of mean 1 where there are any.
Moments moments(const RowMatrix& rows, Index column, const std::vector<double>& weights = {});

/// The mean cube of the standardised numbers; 0 where they are all alike.
double skewness(const Eigen::ArrayXd& numbers);

}  // namespace nflow
