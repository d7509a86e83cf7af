#pragma once

#include <vector>

#include "nflow/mixture_search.h"
#include "thread_pool.h"
#include "train/mixture_choice.h"

namespace nflow {

/// Numbers in a mixture that a row's log p reads, at most: the rest of a chain costs as much.
inline constexpr Index kMostMixtureParameters = 4300;

/// Those of a component over so many columns.
constexpr Index component_parameters(Index columns) { return 1 + columns * (columns + 3) / 2; }

/// The rows that mixtures are fitted to, and the threads to do it with.
struct MixtureWork {
  MixtureWork(const Dataset& fit, const MixtureSearch& search);

  /// The log density of a held-out row, in the units of the table, is that of its mixture and this.
  double units(Index line) const;

  MixtureRows data;
  Index given;
  ThreadPool pool;

 private:
  std::vector<double> log_slopes_;  // of the table's rows, from their supports to the line
  double log_det_ = 0;              // of the standardising
};

}  // namespace nflow
