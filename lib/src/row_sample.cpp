#include "nflow/row_sample.h"

#include <algorithm>
#include <numeric>

#include "math/random.h"

namespace nflow {
namespace {

constexpr Index kFirstRoom = 1024;

}  // namespace

void RowSample::add(const RowMatrix& x, const RowMatrix& context) {
  const Random random(seed_, Purpose::rows);
  for (Index i = 0; i < x.rows(); ++i, ++seen_) {
    auto place = static_cast<Index>(numbers_.size());
    if (place == most_) {  // the newest takes a place with chance most / (seen + 1)
      const std::uint64_t drawn = random.below(seen_ + 1, seen_, 0);
      if (drawn >= static_cast<std::uint64_t>(most_)) continue;
      place = static_cast<Index>(drawn);
      numbers_[drawn] = seen_;
    } else {
      numbers_.push_back(seen_);
    }
    if (place >= x_.rows()) {
      const Index room = std::min(most_, std::max(kFirstRoom, 2 * x_.rows()));
      x_.conservativeResize(room, x.cols());
      context_.conservativeResize(room, context.cols());
    }
    x_.row(place) = x.row(i);
    context_.row(place) = context.row(i);
  }
}

Dataset RowSample::rows() const {
  std::vector<Index> order(numbers_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](Index a, Index b) { return numbers_[a] < numbers_[b]; });
  return {x_(order, Eigen::all), context_(order, Eigen::all)};
}

}  // namespace nflow
