#pragma once

#include <string>
#include <vector>

#include "io/csv_fields.h"

namespace nflow {

/// x1, x2, ...: the names of columns in a file without header.
std::vector<std::string> default_names(std::size_t count);

/// What a header says, without blanks at the ends; Latin-1 as UTF-8. A column that it leaves
/// without a name gets one that no other has, and that does not pass for one of a file without
/// header: unnamed1 where it is the first.
std::vector<std::string> names_in_header(const std::vector<Field>& fields);

}  // namespace nflow
