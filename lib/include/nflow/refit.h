#pragma once

#include <optional>

#include "nflow/dataset.h"
#include "nflow/model.h"

namespace nflow {

// Where train() kept the start itself, a mixture or the like, the rows to validate with have done
// their work. They are a tenth of a small table, and the start is fitted once more to all rows, by
// train() with TrainOptions::start_only.

/// All rows to fit the start of `kept` to; none where they are so many that a tenth is worth
/// little, or where the start is none that is fitted.
std::optional<Dataset> rows_to_refit(const Model& kept, const Dataset& fit,
                                     const Dataset& validation);

/// `again`, the start of all rows, in the place of `kept`; none where it makes them no more likely,
/// as another maximum of EM may. The record stays that of `kept`, but for the rows trained on.
std::optional<Model> refitted(const Model& kept, Model again, const Dataset& all, int threads);

}  // namespace nflow
