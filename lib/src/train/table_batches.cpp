#include "train/table_batches.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "math/random.h"
#include "nflow/error.h"
#include "stats/weights.h"

namespace nflow {

template <class T>
TableBatches<T>::TableBatches(ScaledData<T> data, Index batch_size, std::uint64_t seed)
    : data_(std::move(data)), shards_(std::min(batch_size, data_.rows())), seed_(seed) {
  if (data_.rows() > std::numeric_limits<std::uint32_t>::max()) throw Error("more than 2^32 rows");
  order_.resize(data_.rows());
  shuffle();
}

// Fisher and Yates' shuffle. It starts from the rows' own order, so that the epoch alone decides.
template <class T>
void TableBatches<T>::shuffle() {
  std::iota(order_.begin(), order_.end(), 0);
  const Random random(seed_, Purpose::shuffle);
  for (std::size_t i = order_.size() - 1; i > 0; --i) {
    std::swap(order_[i], order_[random.below(i + 1, i, static_cast<std::uint32_t>(epoch_))]);
  }
}

template <class T>
void TableBatches<T>::go_to(Index epoch, Index batch) {
  if (std::exchange(epoch_, epoch) != epoch) shuffle();
  batch_ = batch;
}

template <class T>
void TableBatches<T>::fill(Index first, Tile<T>& tile, double* weights) const {
  const auto row_of = [&](Index r) { return row(first + r); };
  data_.gather(row_of, tile);
  for (Index r = 0; r < tile.live(); ++r) weights[r] = data_.weight(row_of(r));
}

template <class T>
double TableBatches<T>::weight() {
  if (data_.weights.empty()) return static_cast<double>(shards_.batch_size);
  double sum = 0;
  for (Index i = 0; i < shards_.batch_size; ++i) sum += data_.weights[row(i)];
  return sum;
}

template <class T>
void TableBatches<T>::draw(Tile<T>& tile) {
  go_to(0, 0);
  std::vector<Index> drawn(order_.begin(), order_.begin() + tile.live());
  if (!data_.weights.empty()) {
    drawn = resampled(data_.weights, data_.rows(), tile.live(), [&](Index i) { return order_[i]; });
  }
  data_.gather([&](Index r) { return drawn[r]; }, tile);
}

template class TableBatches<float>;
template class TableBatches<double>;

}  // namespace nflow
