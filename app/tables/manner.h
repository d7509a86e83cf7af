#pragma once

#include "nflow/csv.h"

namespace nflow::app {

/// Tells in a line how the file was read where that was found in it and not asked for. Call behind
/// its last row.
void tell_of_manner(const CsvReader& reader);

/// Tells of lines inside the table that were no rows, as headers repeated, where there were any.
void tell_of_lines_left_out(const CsvReader& reader);

}  // namespace nflow::app
