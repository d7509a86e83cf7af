#pragma once

#include "nflow/trainer.h"

namespace nflow {

/// What train() kept, fitted once more, now to the rows to validate with too, where it is the start
/// itself: a mixture or the like, which those rows chose and need not be kept from any longer. They
/// are a tenth of a small table. The same model where there are too many rows for that to be worth
/// it, where no time is left, or where the new one makes all rows together no more likely. The
/// record stays that of the model that was chosen, but for the rows trained on.
Model refit_start(const Model& kept, const Dataset& fit, const Dataset& validation,
                  TrainOptions options, const Deadline& deadline);

}  // namespace nflow
