#pragma once

#include <memory>
#include <vector>

#include "nflow/model.h"
#include "nflow/table.h"

namespace nflow {

/// The probabilities of a model's columns with cells, one column after the other, in the chain's
/// order, for rows side by side whose bins are chosen on the way. One caller at a time.
class CellWalk {
 public:
  virtual ~CellWalk() = default;

  /// Begins with rows first .. first + n - 1 of `before`, kTileRows at most: each has the numbers
  /// of the context, standardised, and cosine and sine of each circle.
  virtual void begin(const RowMatrix& before, Index first, Index n) = 0;
  /// Log probabilities of the bins of the next column, j, n x bins.
  virtual void next(Index j, RowMatrix& log_share) = 0;
  /// The bins of column j are these.
  virtual void take(Index j, const std::vector<Index>& bins) = 0;
};

/// The walk of a model that has such columns; null where it has none. The model must outlive it.
std::unique_ptr<CellWalk> make_cell_walk(const Model& model);

}  // namespace nflow
