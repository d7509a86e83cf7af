#pragma once

#include <memory>
#include <vector>

#include "nflow/ranks.h"
#include "packed_weights.h"
#include "thread_pool.h"
#include "tile.h"
#include "train/batches.h"

namespace nflow {

/// A dataset standardised and cast, row-major: all that training keeps of the table.
template <class T>
class ScaledRows {
 public:
  ScaledRows(const RowMatrix& rows, const Scaler& scaler);
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
};

/// The mean log-likelihood of batches, with its gradient, and of whole datasets, without.
/// Log-likelihoods here are those of the standardised columns.
template <class T>
class Objective {
 public:
  /// `ranks` null: this process is alone.
  Objective(const Chain<T>& chain, Index batch_size, ThreadPool& pool, Ranks* ranks = nullptr);

  /// Weighted sum of log p over a batch, and the gradient of its negative divided by the number of
  /// rows, one vector a shard, in grads(). (Divided by the batch's sum of weights it would be no
  /// unbiased estimate of the gradient over the table.) Of several ranks each computes some of the
  /// vectors.
  double batch(const std::vector<T>& theta, const ScaledData<T>& data, const Batches& batches,
               Index number, const Dropout& dropout);
  const std::vector<T*>& grads() const { return grad_pointers_; }

  /// Weighted mean of log p over all rows.
  double mean(const std::vector<T>& theta, const ScaledData<T>& data);

 private:
  double shard(const std::vector<T>& theta, const ScaledData<T>& data, const Batches& batches,
               Index number, Index shard, Tile<T>& tile, Dropout dropout);

  const Chain<T>& chain_;
  ThreadPool& pool_;
  Ranks* ranks_;
  Shards shards_;
  PackedWeights<T> packed_;            // as of the batch or the dataset at hand
  std::vector<TensorPlace> to_clear_;  // before a shard: a net's weights are written at once
  std::vector<AlignedBlock<T>> grads_;
  std::vector<T*> grad_pointers_;
  std::vector<double> sums_;                       // of each shard
  std::vector<double> tile_sums_;                  // of each tile of a dataset
  std::vector<Tile<T>> train_tiles_, eval_tiles_;  // one a worker
};

}  // namespace nflow
