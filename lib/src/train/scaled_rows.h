#pragma once

#include <vector>

#include "memory.h"
#include "tile.h"

namespace nflow {

/// A dataset standardised and cast, row-major: all that training keeps of the table.
template <class T>
class ScaledRows {
 public:
  ScaledRows(const RowMatrix& rows, const Scaler& scaler)
      : rows_(rows.rows()), cols_(rows.cols()), data_(large_zeros<T>(rows.size())) {
    for (Index r = 0; r < rows_; ++r) {
      for (Index j = 0; j < cols_; ++j) {
        data_[r * cols_ + j] = static_cast<T>((rows(r, j) - scaler.mean[j]) / scaler.deviation[j]);
      }
    }
  }
  Index rows() const { return rows_; }
  /// Rows row(0), row(1), ... into the columns of a tile, and zeros into the rows that fill up.
  template <class RowOf>
  void gather(Index live, RowOf row, View<T> tile) const {
    for (Index r = 0; r < tile.rows; ++r) {
      const T* from = r < live ? data_.data() + row(r) * cols_ : nullptr;
      for (Index j = 0; j < cols_; ++j) tile.col(j)[r] = from ? from[j] : T(0);
    }
  }

 private:
  Index rows_, cols_;
  std::vector<T> data_;
};

template <class T>
struct ScaledData {
  ScaledRows<T> x, context;
  std::vector<double> weights = {};  ///< of mean 1, all positive; empty: all 1

  Index rows() const { return x.rows(); }
  double weight(Index row) const { return weights.empty() ? 1 : weights[row]; }
  /// Those rows into the live rows of a tile.
  template <class RowOf>
  void gather(RowOf row, Tile<T>& tile) const {
    x.gather(tile.live(), row, tile.x);
    context.gather(tile.live(), row, tile.context);
  }
};

}  // namespace nflow
