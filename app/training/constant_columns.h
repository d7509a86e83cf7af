#pragma once

#include "training/train_data.h"

namespace nflow::app {

/// Throws Error that names columns of numbers which have one value in all rows to train on, as far
/// as numbers of their size can tell, and what leaves them out.
void refuse_constant_columns(const TrainData& data);

}  // namespace nflow::app
