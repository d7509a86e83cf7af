#pragma once

#include "training/train_data.h"

namespace nflow::app {

/// Throws Error where a modelled column is a linear function of others, so that no likelihood would
/// be the highest. Warns, each time with a way out, of columns that nearly are, of values that many
/// rows share, of too few rows and, where these are `all` columns, of rows that repeat others.
void check_before_training(const TrainData& data, bool all);

}  // namespace nflow::app
