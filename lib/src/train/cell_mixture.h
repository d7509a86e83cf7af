#pragma once

#include <cstdint>
#include <vector>

#include "nflow/front.h"
#include "stats/labelled_mixture.h"
#include "train/mixture_start.h"

namespace nflow {

/// The bins of `cells` columns behind the first `before`, of rows on the line in the chain's order:
/// labels for a mixture.
HoledRows bins_of(const Dataset& line, Index before, Index cells);

/// A mixture over bins alone: the average of `fits`, of so many components each, and behind these
/// one more with `shares`, those of each column's bins, which every component has seen once.
LabelledMixture fit_bins(const HoledRows& bins, const std::vector<Eigen::VectorXd>& shares,
                         Index components, Index fits, ThreadPool& pool, std::uint64_t seed);

/// The shares of each column's bins, as its cells have them.
std::vector<Eigen::VectorXd> shares_of(const Front& front);

/// The start of the front's mixture: fitted to `fit`, which is on the line and in the chain's
/// order. None where it has one component.
std::vector<TensorStart> cell_mixture_start(const Front& front, const Dataset& fit,
                                            ThreadPool& pool, std::uint64_t seed);

}  // namespace nflow
