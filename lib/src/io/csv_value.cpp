// Single fields.

#include "io/csv_number.h"
#include "nflow/labels.h"

namespace nflow {

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  if (NumberParser({}).parse(text, value) != NumberParser::Kind::number) return std::nullopt;
  return value;
}

}  // namespace nflow
