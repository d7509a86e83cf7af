#pragma once

#include <string_view>
#include <vector>

namespace nflow {

/// The fields of a CSV record as they stand in it, quotes and all; those parted by blanks without
/// the blanks. They are parts of `record`, in order. The delimiter is as CsvFormat has it.
std::vector<std::string_view> raw_fields(std::string_view record, char delimiter);

}  // namespace nflow
