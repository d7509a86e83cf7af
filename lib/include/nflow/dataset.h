#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nflow/table.h"

namespace nflow {

class LargeTable;

/// Rows for a gradient step, where nothing else is said.
inline constexpr Index kDefaultBatchSize = 512;

/// Rows to train on or to validate with, in the units of the columns.
struct Dataset {
  RowMatrix x;        ///< N x D
  RowMatrix context;  ///< N x C features of the context (context_kind.h); C may be 0
  /// One for each row, not negative; empty: all 1. Only their ratios matter. A row of weight 0
  /// counts as if it were not there.
  std::vector<double> weights = {};
  /// The table that a training's rows are drawn from, where the rows here are a sample, as split()
  /// gives it. The steps of the training go through all of its rows, and what begins it
  /// (standardising, EM, the choice of components) through the sample. Null: these are all.
  std::shared_ptr<const LargeTable> all = {};

  Index rows() const;  ///< of the table; N where these are all
};

/// The rows at these places, with their weights, and of the same table.
Dataset rows_at(const Dataset& data, const std::vector<Index>& places);

/// (sum w)^2 / sum w^2: the rows without weights that would tell as much.
double effective_sample_size(const Dataset& data);

/// Sixteen digits that tell one set of rows and weights from another; of a sample, the table that
/// it is of too. All of several ranks call it together.
std::string digest_of(const Dataset& data);
/// The same of labels, in their order.
std::string digest_of(const std::vector<std::string>& labels);

}  // namespace nflow
