#pragma once

#include "pass.h"

namespace nflow {

/// Multiplies each entry by 0 with probability `rate`, else by 1 / (1 - rate); nothing outside
/// training. The mask of (row, unit) depends on the seed and on these two alone, so forward and
/// backward draw the same one. `first_unit` numbers the units over the whole chain.
template <class T>
void apply_dropout(const Pass<T>& pass, double rate, Index first_unit, View<T> units);

}  // namespace nflow
