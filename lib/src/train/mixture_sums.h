#pragma once

#include <vector>

#include "train/mixture_fit.h"

namespace nflow {

/// Columns of products x_i x_j, i >= j, with those of x and of 1 before them.
inline Index moment_count(Index columns) { return 1 + columns + columns * (columns + 1) / 2; }

/// What an iteration of EM knows of the rows, as sums over them: of log density, and of each
/// component's share times each moment.
struct MixtureSums {
  Index components, columns;
  double log_density = 0;
  std::vector<double> moments;  // components x moments, column-major

  MixtureSums(Index components_, Index columns_)
      : components(components_), columns(columns_), moments(components_ * moment_count(columns_)) {}
  double moment(Index k, Index m) const { return moments[m * components + k]; }
};

/// The expectation step of EM. Rows of a weight count so much; without weights each counts as one.
MixtureSums mixture_sums(const GaussianMixture& mixture, const RowMatrix& rows,
                         const std::vector<double>& weights, ThreadPool& pool);

/// Log density of each row's first `columns` columns.
std::vector<double> mixture_log_densities(const GaussianMixture& mixture, const RowMatrix& rows,
                                          ThreadPool& pool, Index columns);

}  // namespace nflow
