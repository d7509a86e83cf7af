#include "train/lane_batches.h"

#include <algorithm>
#include <numeric>

#include "train/table_batches.h"

namespace nflow {
namespace {

/// A shard has a row at least.
Shards shards_of(const LargeTable& table, Index batch_size) {
  const Index lanes = table.shape().lanes;
  return {std::max(lanes, std::min(batch_size, table.rows())), lanes};
}

}  // namespace

template <class T>
LaneBatches<T>::LaneBatches(const LaneRows& source, Index batch_size, ThreadPool& pool)
    : source_(source),
      shards_(shards_of(source.table, batch_size)),
      pool_(pool),
      own_(own_part(source.table.ranks(), shards_.count)),
      first_row_(shards_.first(own_.first)),
      batch_{{shards_.first(own_.last) - first_row_, source.sample.x.cols()},
             {shards_.first(own_.last) - first_row_, source.sample.context.cols()},
             std::vector<double>(shards_.first(own_.last) - first_row_)} {
  const LargeTable& table = source.table;
  for (Index s = own_.first; s < own_.last; ++s) {
    const double given = static_cast<double>(shards_.first(s + 1) - shards_.first(s)) /
                         static_cast<double>(shards_.batch_size);
    const double had =
        static_cast<double>(table.rows_of_lane(s)) / static_cast<double>(table.rows());
    lanes_.emplace_back(source, s, had / given);
  }
}

template <class T>
void LaneBatches<T>::go_to(Index epoch, Index batch) {
  const Index number = epoch * this->per_epoch() + batch;
  const bool further = number != next_;
  pool_.run(own_.size(), [&](Index own, int) {
    const Index first = shards_.first(own_.first + own), last = shards_.first(own_.first + own + 1);
    if (further) lanes_[own].go_to(static_cast<std::uint64_t>(number * (last - first)));
    lanes_[own].take(batch_, first - first_row_, last - first_row_);
  });
  next_ = number + 1;
}

template <class T>
void LaneBatches<T>::fill(Index first, Tile<T>& tile, double* weights) const {
  const Index begin = first - first_row_;
  batch_.gather([=](Index r) { return begin + r; }, tile);
  std::copy_n(batch_.weights.begin() + begin, tile.live(), weights);
}

template <class T>
double LaneBatches<T>::weight() {
  if (!source_.table.shape().layout.weighted) return static_cast<double>(shards_.batch_size);
  std::vector<double> sums(static_cast<std::size_t>(shards_.count));
  for (Index s = own_.first; s < own_.last; ++s) {
    const auto at = batch_.weights.begin() - first_row_;
    sums[s] = std::accumulate(at + shards_.first(s), at + shards_.first(s + 1), 0.0);
  }
  gather(source_.table.ranks(), sums);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

template <class T>
void LaneBatches<T>::draw(Tile<T>& tile) {
  const Dataset& sample = source_.sample;
  TableBatches<T>(scaled<T>(sample, source_.scaler, source_.context_scaler), sample.x.rows(),
                  source_.seed)
      .draw(tile);
}

template class LaneBatches<float>;
template class LaneBatches<double>;

}  // namespace nflow
