#pragma once

#include <cstdint>
#include <limits>

#include "nflow/csv.h"
#include "nflow/model.h"
#include "options/options.h"
#include "processes/pieces.h"
#include "tables/partial_columns.h"

namespace nflow::app {

/// Rows in a seed's stream.
inline constexpr std::uint64_t kMostSampledRows = std::numeric_limits<std::int64_t>::max();
inline constexpr char kStreamEnds[] =
    "the seed's stream of rows ends here: --offset and -n are too large";

/// Draws and writes `count` rows for each row of the table of --given, whose columns are held: the
/// others are drawn given them.
void sample_held(const Model& model, const Arguments& arguments, CsvReader& reader,
                 const PartialColumns& columns, std::uint64_t count, PieceOutput& out);

}  // namespace nflow::app
