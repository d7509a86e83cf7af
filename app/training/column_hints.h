#pragma once

#include "training/train_data.h"

namespace nflow::app {

/// Warns of each REAL column that looks as if it lived elsewhere, and names the --support for it:
/// integers only, positive with a long tail, or many rows at an end.
void warn_of_likely_supports(const TrainData& data);

}  // namespace nflow::app
