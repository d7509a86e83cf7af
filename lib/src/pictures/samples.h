#pragma once

#include "nflow/evaluator.h"

namespace nflow {

/// A sample for each row of context, of the seed's stream from row `first` on. Throws Error where
/// one is beyond the model's precision.
RowMatrix finite_samples(Evaluator& evaluator, const RowMatrix& context, std::uint64_t seed,
                         std::uint64_t first);

}  // namespace nflow
