#pragma once

#include <vector>

#include "nflow/dataset.h"
#include "nflow/support.h"

namespace nflow {

/// The supports, where whole circles that follow earlier ones round, as b = 2a + noise does, have
/// their windings: those with which the rest of the angle is the most concentrated, by the spacings
/// of its sorted turns. A circle whose support has windings keeps them.
std::vector<Support> choose_windings(const Dataset& fit, std::vector<Support> supports);

}  // namespace nflow
