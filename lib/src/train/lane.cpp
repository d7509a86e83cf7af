#include "train/lane.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "math/random.h"

namespace nflow {

template <class T>
Lane<T>::Lane(const LaneRows& source, Index number, double weight)
    : source_(source),
      blocks_(source.table.blocks_of(number)),
      rows_(static_cast<std::uint64_t>(source.table.rows_of_lane(number))),
      weight_(weight),
      order_(static_cast<std::size_t>(blocks_.size())),
      held_{{0, source.sample.x.cols()}, {0, source.sample.context.cols()}} {
  const LargeTable::Shape& shape = source.table.shape();
  const Index numbers = static_cast<Index>(rows_) * shape.layout.count();
  windows_ =
      std::clamp<Index>((numbers + shape.sizes.window_numbers - 1) / shape.sizes.window_numbers, 1,
                        std::max<Index>(1, blocks_.size()));
}

/// Shuffles the blocks of each stretch, of which each window takes one.
template <class T>
void Lane<T>::begin_pass(std::uint64_t pass) {
  pass_ = pass;
  std::iota(order_.begin(), order_.end(), blocks_.first);
  const Random random(source_.seed, Purpose::blocks);
  for (Index first = 0; first < blocks_.size(); first += windows_) {
    const Index end = std::min(first + windows_, static_cast<Index>(blocks_.size()));
    for (Index i = end - 1; i > first; --i) {
      const std::uint64_t other = random.below(static_cast<std::uint64_t>(i - first + 1),
                                               static_cast<std::uint64_t>(blocks_.first + i),
                                               static_cast<std::uint32_t>(pass));
      std::swap(order_[i], order_[first + static_cast<Index>(other)]);
    }
  }
}

template <class T>
Index Lane<T>::rows_of(Index window) const {
  Index rows = 0;
  for (Index i = window; i < blocks_.size(); i += windows_) {
    rows += source_.table.rows_of_block(order_[i]);
  }
  return rows;
}

template <class T>
void Lane<T>::go_to(std::uint64_t place) {
  if (rows_ == 0) return;
  begin_pass(place / rows_);
  place_ = place % rows_;
  std::uint64_t first = 0;
  for (window_ = 0;; ++window_) {
    const auto rows = static_cast<std::uint64_t>(rows_of(window_));
    if (place_ < first + rows) break;
    first += rows;
  }
  load(window_, first);
  next_ = place_ - first;
}

template <class T>
void Lane<T>::take(ScaledData<T>& to, Index first, Index last) {
  if (rows_ == 0) return;
  for (Index row = first; row < last; ++row, ++next_, ++place_) {
    while (next_ == shuffled_.size()) {
      if (++window_ == windows_) {
        begin_pass(pass_ + 1);
        window_ = 0;
        place_ = 0;
      }
      load(window_, place_);
    }
    const Index from = shuffled_[next_];
    to.x.copy_row(held_.x, from, row);
    to.context.copy_row(held_.context, from, row);
    to.weights[row] = held_.weights[from];
  }
}

/// Reads a window, whose first row has that place in the pass, and asks for the one behind it.
template <class T>
void Lane<T>::load(Index window, std::uint64_t first_place) {
  const LargeTable& table = source_.table;
  held_.x.clear();
  held_.context.clear();
  held_.weights.clear();
  for (Index i = window; i < blocks_.size(); i += windows_) {
    table.read(order_[i], block_);
    Dataset rows = to_dataset(std::move(block_.rows), table.shape().layout);
    put_on_line(rows.x, source_.line, RowUse::fit, block_.ids);
    held_.x.append(rows.x, source_.scaler);
    held_.context.append(context_features(std::move(rows.context), source_.context_kinds),
                         source_.context_scaler);
    for (const double w : rows.weights) held_.weights.push_back(weight_ * w / table.mean_weight());
  }
  if (!table.shape().layout.weighted) held_.weights.assign(held_.rows(), weight_);
  for (Index i = window + 1; i < blocks_.size() && window + 1 < windows_; i += windows_) {
    table.will_read(order_[i]);
  }
  shuffle(first_place);
}

template <class T>
void Lane<T>::shuffle(std::uint64_t first_place) {
  shuffled_.resize(held_.rows());
  std::iota(shuffled_.begin(), shuffled_.end(), 0);
  const Random random(source_.seed, Purpose::window);
  const std::uint64_t first = LargeTable::first_id(blocks_.first) + first_place;
  for (std::size_t i = shuffled_.size(); i-- > 1;) {
    std::swap(shuffled_[i],
              shuffled_[random.below(i + 1, first + i, static_cast<std::uint32_t>(pass_))]);
  }
  next_ = 0;
}

template class Lane<float>;
template class Lane<double>;

}  // namespace nflow
