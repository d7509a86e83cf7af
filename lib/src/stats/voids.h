#pragma once

#include <vector>

#include "nflow/table.h"
#include "thread_pool.h"

namespace nflow {

/// How far is each of `rows` from `reference`, at least three rows of as many columns? The distance
/// to the nearest row of the reference, in units of that row's own distance to its neighbours, or
/// of most rows', if that is larger; so the thin tails of a law are not far. Columns are on robust
/// scales. 0 for a row of the reference itself.
std::vector<double> relative_distances(const RowMatrix& rows, const RowMatrix& reference,
                                       ThreadPool& pool);

/// A share of numbers that are too far out.
struct FarShare {
  double least;  ///< its lower confidence bound
  double seen;   ///< where that bound is found, how many more of the first are far than the second
};

/// Is a share of `first` farther out than `second`, of the same size, even when it is brought
/// `times` >= 1 nearer? Where first[i] and second[i] may be exchanged for each i, `least` is above
/// 0 with a probability below `level`, whatever the distribution: of those that are farthest out, a
/// half is then of the first (a sign test, at several depths).
FarShare far_share(const std::vector<double>& first, const std::vector<double>& second,
                   double times, double level);

}  // namespace nflow
