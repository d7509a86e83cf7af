#pragma once

#include <vector>

#include "thread_pool.h"
#include "train/batches.h"
#include "train/lane.h"

namespace nflow {

/// Batches of a large table: each shard takes its rows from a lane of its own. Lanes have somewhat
/// different numbers of rows, and the shards are of one size: a row counts by how many rows its
/// lane has for each that it gives, so that the batch's mean stays an unbiased one of the table's.
/// An epoch has as many rows as the table; the lanes go round in their own time.
/// Each of several ranks has the rows of its own shards.
template <class T>
class LaneBatches final : public Batches<T> {
 public:
  /// `source` must outlive it.
  LaneBatches(const LaneRows& source, Index batch_size, ThreadPool& pool);

  Index rows() const override { return source_.table.rows(); }
  const Shards& shards() const override { return shards_; }
  void go_to(Index epoch, Index batch) override;
  void fill(Index first, Tile<T>& tile, double* weights) const override;
  double weight() override;
  void draw(Tile<T>& tile) override;

 private:
  const LaneRows& source_;
  Shards shards_;
  ThreadPool& pool_;
  Part own_;  // shards, or lanes
  std::vector<Lane<T>> lanes_;
  Index first_row_;      // of the batch that is here
  ScaledData<T> batch_;  // own rows of it
  Index next_ = -1;      // the batch behind it, counted from the training's start
};

}  // namespace nflow
