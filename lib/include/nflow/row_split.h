#pragma once

#include <cstdint>
#include <vector>

#include "nflow/table.h"

namespace nflow {

/// Numbers of a table's rows, ascending.
struct RowSplit {
  std::vector<Index> fit, validation;
};

/// Draws a `fraction` of those rows to validate with, one at least. It depends on their numbers and
/// on the seed alone. For a large table, see split() in read_table.h.
RowSplit split_rows(const std::vector<Index>& rows, double fraction, std::uint64_t seed);

}  // namespace nflow
