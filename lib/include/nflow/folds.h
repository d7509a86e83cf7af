#pragma once

#include <cstdint>
#include <vector>

#include "nflow/table.h"

namespace nflow {

/// The fold, from 0 to folds - 1, of each of so many rows: drawn from the seed, with no fold larger
/// than another by more than a row. Throws Error for fewer rows than folds, or fewer than two
/// folds.
std::vector<Index> draw_folds(Index rows, Index folds, std::uint64_t seed);

/// The same with all rows of a group in one fold; rows are of one group where these values have the
/// same bits. The largest groups come first, each into the fold that has the fewest rows then.
/// Throws Error for fewer groups than folds.
std::vector<Index> draw_folds(const std::vector<double>& groups, Index folds, std::uint64_t seed);

/// What log p of rows says, each given by a model that has seen no row of its fold.
struct FoldEstimate {
  double mean = 0;               ///< of all rows, weighted where these are
  double error_of_rows = 0;      ///< as if the rows were independent given the models
  double error_of_folds = 0;     ///< deviation of the folds' means / sqrt(folds): new models too
  std::vector<double> of_folds;  ///< their means
  Index impossible = 0;          ///< rows of log p = -inf; mean and errors are infinite then
};

/// `weights` may be empty. Each fold has a row at least.
FoldEstimate estimate_folds(const std::vector<double>& log_prob, const std::vector<double>& weights,
                            const std::vector<Index>& fold, Index folds);

}  // namespace nflow
