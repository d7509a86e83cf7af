#pragma once

#include <vector>

#include "memory.h"
#include "stats/weights.h"
#include "tile.h"

namespace nflow {

/// Rows standardised and cast, row-major: all that training keeps of a table.
template <class T>
class ScaledRows {
 public:
  ScaledRows(const RowMatrix& rows, const Scaler& scaler)
      : cols_(rows.cols()), data_(large_zeros<T>(rows.size())) {
    write(rows, scaler, 0);
    rows_ = rows.rows();
  }
  /// Zeros.
  ScaledRows(Index rows, Index cols) : rows_(rows), cols_(cols), data_(rows * cols) {}

  Index rows() const { return rows_; }
  void clear() { rows_ = 0; }
  void append(const RowMatrix& rows, const Scaler& scaler) {
    if (static_cast<Index>(data_.size()) < (rows_ + rows.rows()) * cols_) {
      data_.resize((rows_ + rows.rows()) * cols_);
    }
    write(rows, scaler, rows_);
    rows_ += rows.rows();
  }
  void copy_row(const ScaledRows& from, Index row, Index to) {
    std::copy_n(from.data_.data() + row * cols_, cols_, data_.data() + to * cols_);
  }

  /// Rows row(0), row(1), ... into the columns of a tile, and zeros into the rows that fill up.
  template <class RowOf>
  void gather(Index live, RowOf row, View<T> tile) const {
    for (Index r = 0; r < tile.rows; ++r) {
      const T* from = r < live ? data_.data() + row(r) * cols_ : nullptr;
      for (Index j = 0; j < cols_; ++j) tile.col(j)[r] = from ? from[j] : T(0);
    }
  }

 private:
  void write(const RowMatrix& rows, const Scaler& scaler, Index first) {
    for (Index r = 0; r < rows.rows(); ++r) {
      T* to = data_.data() + (first + r) * cols_;
      for (Index j = 0; j < cols_; ++j) {
        to[j] = static_cast<T>(standard_score(rows(r, j), scaler, j));
      }
    }
  }

  Index rows_ = 0, cols_;
  std::vector<T> data_;
};

template <class T>
struct ScaledData {
  ScaledRows<T> x, context;
  std::vector<double> weights = {};  ///< of mean 1, all positive; empty: all 1

  Index rows() const { return x.rows(); }
  double weight(Index row) const { return weights.empty() ? 1 : weights[row]; }
  /// Puts the rows into the live rows of a tile.
  template <class RowOf>
  void gather(RowOf row, Tile<T>& tile) const {
    x.gather(tile.live(), row, tile.x);
    context.gather(tile.live(), row, tile.context);
  }
};

template <class T>
ScaledData<T> scaled(const Dataset& data, const Scaler& scaler, const Scaler& context_scaler) {
  return {ScaledRows<T>(data.x, scaler), ScaledRows<T>(data.context, context_scaler),
          normalised(data.weights)};
}

}  // namespace nflow
