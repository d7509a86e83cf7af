#pragma once

#include <string>
#include <string_view>

#include "io/csv_number.h"
#include "nflow/csv_manner.h"

namespace nflow {

/// A number as people write it.
struct StyledNumber {
  NumberStyle style = NumberStyle::plain;  ///< plain: it is none
  double value = 0;
  std::string sign = "";  ///< of the currency
  bool certain = true;    ///< false where the mark between thousands may be a decimal mark
};

/// Reads a text that is no plain number with this decimal mark. `plain` reads such numbers.
StyledNumber parse_styled(std::string_view text, NumberParser& plain, char decimal);

}  // namespace nflow
