#include "nflow/order.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nflow {

double quantile(std::vector<double> numbers, double share) {
  std::sort(numbers.begin(), numbers.end());
  return sorted_quantile(numbers, share);
}

double sorted_quantile(const std::vector<double>& numbers, double share) {
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = share * static_cast<double>(numbers.size() - 1);
  const auto before = static_cast<std::size_t>(place);
  const std::size_t after = std::min(before + 1, numbers.size() - 1);
  const double part = place - std::floor(place);
  if (part == 0 || numbers[before] == numbers[after]) return numbers[before];
  return (1 - part) * numbers[before] + part * numbers[after];
}

}  // namespace nflow
