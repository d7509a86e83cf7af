#pragma once

#include <cstdint>

#include "nflow/table.h"
#include "stats/goodness_of_fit.h"
#include "thread_pool.h"

namespace nflow {

/// Are the rows of `first` and `second`, equally many of equally many columns, from one
/// distribution? The statistic is the energy distance of Szekely and Rizzo ("Testing for equal
/// distributions in high dimension", 2004),
///   2 mean |x - y| - mean |x - x'| - mean |y - y'|,
/// which is 0 only where they are; p is the share of exchanges of rows between the two that give as
/// much. `paired`: only row i of the first with row i of the second may be exchanged, as where both
/// were drawn given the same i.
/// p is exact whatever the distribution. It is as small as 1 / (1 + most_exchanges) and as rough as
/// it may be where nothing is wrong: the counting stops at the tenth exchange that gives as much
/// (Besag and Clifford, "Sequential Monte Carlo p-values", 1991). Only this `share` of the distance
/// is held against the exchanges.
TestResult energy_test(const RowMatrix& first, const RowMatrix& second, bool paired,
                       std::uint64_t seed, Index most_exchanges, ThreadPool& pool,
                       double share = 1);

/// Puts the columns of both on one scale, whatever their units and tails: each value becomes its
/// place in the order of both columns' values together, in (0, 1); equal values share the mean of
/// theirs.
void to_pooled_ranks(RowMatrix& first, RowMatrix& second, Index column);

}  // namespace nflow
