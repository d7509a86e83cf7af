#pragma once

#include <vector>

#include "nflow/dataset.h"
#include "nflow/support.h"

namespace nflow {

/// The supports, where whole circles that go round with others, as b = 2a + noise does, have their
/// windings: those with which the rest of the angle is the most concentrated, by the spacings of
/// its sorted turns. Earlier columns come first, where nothing speaks against it. Supports of which
/// any has windings are kept as they are.
std::vector<Support> choose_windings(const Dataset& fit, std::vector<Support> supports);

/// The supports, where whole circles whose windings were chosen, and that stand at a place that
/// depends on earlier circles or on the context, have a drift: where half of the rows, by one
/// fitted to the other half, are more concentrated. Drifts that supports have are kept as they are.
std::vector<Support> choose_drifts(const Dataset& fit, std::vector<Support> supports);

}  // namespace nflow
