#pragma once

#include <vector>

namespace nflow {

/// The value that a share of these numbers does not exceed, between neighbours by the straight
/// line. NaN for none.
double quantile(std::vector<double> numbers, double share);
/// The same of numbers in ascending order.
double sorted_quantile(const std::vector<double>& numbers, double share);

}  // namespace nflow
