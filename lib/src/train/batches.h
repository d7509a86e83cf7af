#pragma once

#include <cstdint>
#include <vector>

#include "view.h"

namespace nflow {

/// The order in which an epoch visits the rows: a shuffle that depends on (seed, epoch) alone.
class Batches {
 public:
  Batches(Index rows, Index batch_size, std::uint64_t seed);

  Index batch_size() const { return batch_size_; }
  /// Whole batches of an epoch; rows left over wait for another epoch's shuffle.
  Index per_epoch() const { return static_cast<Index>(order_.size()) / batch_size_; }
  void shuffle(std::uint64_t epoch);
  /// The row at place `at` of batch `batch`.
  Index row(Index batch, Index at) const { return order_[batch * batch_size_ + at]; }

 private:
  std::vector<std::uint32_t> order_;
  Index batch_size_;
  std::uint64_t seed_;
};

/// A batch is cut into shards, each with its own gradients, whose number does not depend on the
/// number of threads: their sum is taken in their order, so the bits do not depend on it either.
struct Shards {
  Index count;

  explicit Shards(Index batch_size);
  Index first(Index shard, Index batch_size) const { return shard * batch_size / count; }
};

}  // namespace nflow
