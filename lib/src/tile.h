#pragma once

#include "chain.h"
#include "math/constants.h"
#include "memory.h"
#include "scaler.h"

namespace nflow {

/// The rows that stay in the second-level cache from the first link to the last.
inline constexpr Index kTileRows = 128;

/// What one worker needs to take a tile of rows through a chain. The memory is laid out anew for
/// each number of rows, so that a short tile does no more work than its rows need.
template <class T>
class Tile {
 public:
  Tile(const Chain<T>& chain, Index most_rows, bool training)
      : chain_(&chain),
        training_(training),
        columns_(chain.columns()),
        context_(chain.context()),
        block_((4 * columns_ + 2 * context_ + 2) * padded(most_rows) +
               chain.entries(padded(most_rows), training)) {}

  /// Lays the memory out for `live` rows.
  void resize(Index live) {
    live_ = live;
    rows_ = padded(live);
    T* at = block_.data();
    for (View<T>* view : {&x, &z, &dx, &dz}) {
      *view = {at, rows_, columns_};
      at += view->size();
    }
    context = {at, rows_, context_};
    log_det = at + context.size();
    dlog_det = log_det + rows_;
    workspace_ = dlog_det + rows_;
  }

  Index live() const { return live_; }
  Index rows() const { return rows_; }

  /// `packed` is theta's, or null.
  Pass<T> pass(const T* theta, const PackedWeights<T>* packed) const {
    Pass<T> p;
    p.theta = theta;
    p.packed = packed;
    p.tape = workspace_;
    p.rows = rows_;
    p.context = context;
    p.training = training_;
    return p;
  }

  /// x -> z, log_det.
  void forward(const Pass<T>& p) {
    std::fill_n(log_det, rows_, T(0));
    chain_->forward(p, x, z, log_det);
  }
  /// z -> x.
  void inverse(const Pass<T>& p) {
    std::fill_n(log_det, rows_, T(0));
    chain_->inverse(p, z, x, log_det);
  }
  /// log p of row r after forward(), in the units of the tile: the standard normal base density
  /// (added up in double) and the log-determinant.
  double log_prob(Index r) const {
    double squares = 0;
    for (Index j = 0; j < columns_; ++j) {
      squares += static_cast<double>(z.col(j)[r]) * static_cast<double>(z.col(j)[r]);
    }
    return static_cast<double>(log_det[r]) - 0.5 * squares -
           static_cast<double>(columns_) * kHalfLogTwoPi;
  }

  View<T> x, z, dx, dz, context;
  T* log_det = nullptr;
  T* dlog_det = nullptr;

 private:
  const Chain<T>* chain_;
  bool training_;
  Index columns_, context_, live_ = 0, rows_ = 0;
  AlignedBlock<T> block_;
  T* workspace_ = nullptr;
};

}  // namespace nflow
