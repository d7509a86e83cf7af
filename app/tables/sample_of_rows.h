#pragma once

#include "nflow/dataset.h"
#include "tables/model_input.h"

namespace nflow::app {

/// `most` rows of a table, drawn by --seed where it has more: what commands look at that show rows
/// and do not need all. Opens the input. Throws Error where there are fewer than `least`.
Dataset sample_of_rows(ModelInput& input, const Arguments& arguments, Index least, Index most);

}  // namespace nflow::app
