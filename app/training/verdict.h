#pragma once

#include "training/train_data.h"

namespace nflow::app {

/// Says how much better the model is than a normal density, on the validation rows.
void log_verdict(const Model& model, const TrainData& data, int threads);

}  // namespace nflow::app
