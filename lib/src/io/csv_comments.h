#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/csv_parted.h"

namespace nflow {

/// The lines at the front that begin with #, blank ones apart.
std::vector<std::string_view> comments_in(std::string_view text);

/// The header among the comments above a table: the last that fits, or the one before it where that
/// fits too and the last has units. Empty where the table has one of its own.
std::string header_in(const std::vector<std::string_view>& comments, const Parted& table);

}  // namespace nflow
