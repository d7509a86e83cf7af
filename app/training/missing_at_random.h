#pragma once

#include "training/train_data.h"

namespace nflow::app {

/// Throws UsageError where a support that was given makes a hole a value of its column.
void refuse_holes_as_values(const TrainData& data);
/// A hole is no value of any column, whatever was inferred.
void take_no_holes_for_values(TrainData& data);

/// Fills the holes of the rows to train on and to validate with, and tells of it; see
/// nflow/imputation.h. Rows that have no value are left out, since they tell nothing.
void fill_at_random(TrainData& data, const DataOptions& options);

}  // namespace nflow::app
