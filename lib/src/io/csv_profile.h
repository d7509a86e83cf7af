#pragma once

#include <string>
#include <vector>

#include "io/csv_fields.h"
#include "io/csv_number.h"
#include "nflow/csv.h"

namespace nflow {

/// How the first rows write the numbers of a column.
struct ColumnProfile {
  NumberStyle style = NumberStyle::plain;
  std::string sign = "";  ///< of the currency
  bool marks = false;     ///< are marks for missing taken for such?
};

/// What the first fields of a column say. Plain where any is text or they disagree. Where they
/// leave it open, the numbers are in the style that is `expected`.
ColumnProfile profile_of(const std::vector<const Field*>& fields, CsvColumn kind,
                         const CsvFormat& format, NumberParser& numbers,
                         NumberStyle expected = NumberStyle::plain);

/// Is a row, field by field, one of these?
bool is_among(const std::vector<Field>& row, const std::vector<std::vector<Field>>& rows);

/// How many of the first rows below a header are of units. `must` has the columns that must be
/// numbers, in which text says it without a look at the rows behind where so many are `expected`.
std::size_t count_units(const std::vector<std::vector<Field>>& rows, const std::vector<bool>& must,
                        NumberParser& numbers, std::size_t expected = 0);

}  // namespace nflow
