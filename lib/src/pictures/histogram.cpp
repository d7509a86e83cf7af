#include <cmath>

#include "nflow/pictures.h"

namespace nflow {

RowMatrix histogram(const std::vector<double>& numbers, double low, double high, Index bins) {
  RowMatrix parts = RowMatrix::Zero(bins + 1, 2);
  const double width = (high - low) / static_cast<double>(bins);
  for (Index b = 0; b <= bins; ++b) parts(b, 0) = low + static_cast<double>(b) * width;
  const double each = 1 / (static_cast<double>(numbers.size()) * width);
  for (const double number : numbers) {
    if (!(number >= low && number <= high)) continue;
    const auto part = static_cast<Index>((number - low) / width);
    parts(std::min(part, bins - 1), 1) += each;
  }
  return parts;
}

}  // namespace nflow
