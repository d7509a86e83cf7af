#pragma once

#include <cstdint>
#include <vector>

#include "train/batches.h"
#include "train/scaled_rows.h"

namespace nflow {

/// Batches of a table in memory. An epoch visits the rows in a shuffle of its own; those that do
/// not fill a batch wait for another epoch's.
template <class T>
class TableBatches final : public Batches<T> {
 public:
  TableBatches(ScaledData<T> data, Index batch_size, std::uint64_t seed);

  Index rows() const override { return data_.rows(); }
  const Shards& shards() const override { return shards_; }
  void go_to(Index epoch, Index batch) override;
  void fill(Index first, Tile<T>& tile, double* weights) const override;
  double weight() override;
  void draw(Tile<T>& tile) override;

 private:
  void shuffle();
  Index row(Index at) const { return order_[batch_ * shards_.batch_size + at]; }

  ScaledData<T> data_;
  Shards shards_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> order_;  // of epoch_
  Index epoch_ = 0, batch_ = 0;
};

}  // namespace nflow
