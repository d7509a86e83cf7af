#pragma once

#include "configurations.h"
#include "nflow/model.h"
#include "timing.h"

namespace nflow::bench {

/// Rows a second through train(): forward, backward, Adam, and what else an epoch does. A
/// repetition is an epoch; one more epoch goes before them.
Rate time_training(const Configuration& configuration, Index batch, const Effort& effort);

/// The configuration after a few steps, when its splines are no longer the identity.
Model short_trained(const Configuration& configuration, int threads);

/// Rows a second through Evaluator::log_prob() and sample(), `rows` at a call.
Rate time_log_prob(const Model& model, Index rows, const Effort& effort);
Rate time_sample(const Model& model, Index rows, const Effort& effort);

}  // namespace nflow::bench
