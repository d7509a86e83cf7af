#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "nflow/model.h"
#include "view.h"

namespace nflow {

/// Mean and deviation of each column of `rows`, by `weights` where there are any. Throws Error,
/// naming the column, where one stands still or its deviation is lost in its size. The first
/// `circular` columns, already in turns, keep them: mean 0 and deviation 1.
Scaler fit_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                  const std::vector<double>& weights = {}, Index circular = 0);

/// The same, but of each column's bulk (see bulk_moments()), so that a few numbers far out do not
/// press all others together: what a chain is trained with.
Scaler fit_bulk_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                       const std::vector<double>& weights = {}, Index circular = 0);

/// The same for context columns, with their range.
Scaler fit_context_scaler(const RowMatrix& rows, const std::vector<std::string>& names,
                          const std::vector<double>& weights = {});

/// Is each number of the column 0 or 1? It shows a label, or that a number is missing.
bool is_indicator(const RowMatrix& rows, Index column);

/// The scaler of the columns of `first`, then of `second`.
Scaler joined(Scaler first, const Scaler& second);

/// x within a range of that width from `low` to `high`, or bent towards one width beyond it:
/// the slope is 1 at the ends, and x has its limit at infinity.
inline double bent(double x, double low, double high) {
  const double width = high - low, away = x < low ? low - x : x - high;
  if (!(away > 0)) return x;
  const double beyond = std::isinf(away) ? width : width * (away / (away + width));
  return x < low ? low - beyond : high + beyond;
}

/// In double, and by division: the reciprocal of a denormal deviation is infinite.
inline double standard_score(double x, const Scaler& scaler, Index column) {
  if (!scaler.low.empty()) x = bent(x, scaler.low[column], scaler.high[column]);
  return (x - scaler.mean[column]) / scaler.deviation[column];
}

/// Standardised numbers of those rows, cast, into a tile: tile(r, j) is that of rows(row(r), j) for
/// r below `live`, and 0 for the rows that fill up.
template <class T, class RowOf>
void gather(const RowMatrix& rows, const Scaler& scaler, Index live, RowOf row, View<T> tile) {
  for (Index j = 0; j < tile.cols; ++j) {
    T* to = tile.col(j);
    for (Index r = 0; r < live; ++r) {
      to[r] = static_cast<T>(standard_score(rows(row(r), j), scaler, j));
    }
    std::fill(to + live, to + tile.rows, T(0));
  }
}

}  // namespace nflow
