#pragma once

#include <memory>
#include <vector>

#include "nflow/ranks.h"
#include "packed_weights.h"
#include "thread_pool.h"
#include "train/batches.h"
#include "train/scaled_rows.h"

namespace nflow {

/// The mean log-likelihood of batches, with its gradient, and of whole datasets, without.
/// Log-likelihoods here are those of the standardised columns.
template <class T>
class Objective {
 public:
  /// `ranks` null: this process is alone.
  Objective(const Chain<T>& chain, const Shards& shards, ThreadPool& pool, Ranks* ranks = nullptr);

  /// Weighted sum of log p over the batch at hand, and the gradient of its negative divided by the
  /// number of rows, one vector a shard, in grads(). (Divided by the batch's sum of weights it
  /// would be no unbiased estimate of the gradient over the table.) Of several ranks each computes
  /// some of the vectors.
  /// `noise` is the deviation of what is added to the rows.
  double batch(const std::vector<T>& theta, const Batches<T>& batches, const Dropout& dropout,
               double noise = 0);
  const std::vector<T*>& grads() const { return grad_pointers_; }

  /// Weighted mean of log p over all rows.
  double mean(const std::vector<T>& theta, const ScaledData<T>& data);
  /// Log p of each of those rows.
  std::vector<double> log_probs() const { return gather_all(ranks_, own_log_probs_); }

 private:
  double shard(const std::vector<T>& theta, const Batches<T>& batches, Index shard, int worker,
               Dropout dropout, double noise);
  void add_noise(Tile<T>& tile, const Dropout& dropout, double noise) const;

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
  std::vector<double> own_log_probs_;              // of each row of this rank's tiles
  std::vector<Tile<T>> train_tiles_, eval_tiles_;  // one a worker
  std::vector<double> tile_weights_;               // a tile's, for each worker
};

}  // namespace nflow
