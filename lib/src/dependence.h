#pragma once

#include <vector>

#include "nflow/preflight.h"

namespace nflow {

/// Each modelled column that is, to within kNearResidual, a linear function of the columns before
/// it, the context's first. Exact ones take no part in the search behind them.
std::vector<Dependence> find_dependences(const Dataset& data);

}  // namespace nflow
