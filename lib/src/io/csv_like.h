#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv_parted.h"
#include "io/csv_sniff.h"

namespace nflow {

// What CsvFormat::like says of a file, where its own first lines leave that open.

/// Are these the fields of a header that names one of the columns or more? Each is text or a name.
bool holds_names(const std::vector<Field>& fields, const std::vector<std::string>& names);

/// How many lines above the table the like one had, where they are here too; else 0. `table` is
/// what was found without it, from its record `first` on.
std::size_t like_titles(std::string_view text, const CsvFormat& format, const Parted& table,
                        std::size_t first);

/// What the records say of a header and of decimal marks.
void look_at_numbers(const Parted& table, std::size_t first, CsvBeginning& beginning);

}  // namespace nflow
