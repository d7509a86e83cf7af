#include "nflow/digits.h"

#include <charconv>
#include <cmath>

namespace nflow {

double to_significant(double value, int digits) {
  if (!std::isfinite(value)) return value;
  char text[32];  // sign, digits, point, exponent: 25 at most
  const auto written =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, digits - 1);
  double shorter = value;
  const auto read = std::from_chars(text, written.ptr, shorter);
  return read.ec == std::errc() && std::isfinite(shorter) ? shorter : value;
}

}  // namespace nflow
