#pragma once

#include "training/train_data.h"

namespace nflow::app {

/// Warns of REAL columns that look as if they lived elsewhere, and names the --support for them:
/// integers only, positive with a long tail, or many rows at an end. A line for all of a kind.
void warn_of_likely_supports(const TrainData& data);

/// Warns, a line for each value, of numbers such as -200 and 9999 that stand for missing by their
/// looks: at an end of a column, in many rows, apart from its other values.
void warn_of_codes(const TrainData& data);

}  // namespace nflow::app
