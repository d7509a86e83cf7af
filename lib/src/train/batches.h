#pragma once

#include "tile.h"

namespace nflow {

/// A batch is cut into shards, each with its own gradients, whose number does not depend on the
/// number of threads: their sum is taken in their order, so the bits do not depend on it either.
struct Shards {
  Index batch_size, count;

  explicit Shards(Index batch_size_);
  Shards(Index batch_size_, Index count_) : batch_size(batch_size_), count(count_) {}
  Index first(Index shard) const { return shard * batch_size / count; }
};

/// The rows that a training walks through, batch by batch, standardised and cast. What a batch
/// holds is a function of seed, epoch and its number: a training can begin at any of them.
template <class T>
class Batches {
 public:
  virtual ~Batches() = default;

  virtual Index rows() const = 0;  ///< of an epoch
  virtual const Shards& shards() const = 0;
  /// Whole batches of an epoch.
  Index per_epoch() const { return std::max<Index>(1, rows() / shards().batch_size); }

  /// Goes to a batch, of which fill() and weight() then tell.
  virtual void go_to(Index epoch, Index batch) = 0;
  /// The batch's rows first, first + 1, ... into the live rows of a tile, zeros into those that
  /// fill up, and what each live row counts as. Threads may call it side by side.
  virtual void fill(Index first, Tile<T>& tile, double* weights) const = 0;
  /// What all the rows of the batch count as together.
  virtual double weight() = 0;

  /// Random rows, by their weights, for links that start from data. Goes to another batch.
  virtual void draw(Tile<T>& tile) = 0;
};

}  // namespace nflow
