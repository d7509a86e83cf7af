#include "train/batches.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "math/random.h"
#include "nflow/error.h"

namespace nflow {

Batches::Batches(Index rows, Index batch_size, std::uint64_t seed)
    : batch_size_(std::min(batch_size, rows)), seed_(seed) {
  if (rows > std::numeric_limits<std::uint32_t>::max()) throw Error("more than 2^32 rows");
  order_.resize(rows);
}

// Fisher and Yates' shuffle. It starts from the rows' own order, so that the epoch alone decides.
void Batches::shuffle(std::uint64_t epoch) {
  std::iota(order_.begin(), order_.end(), 0);
  const Random random(seed_, Purpose::shuffle);
  for (std::size_t i = order_.size() - 1; i > 0; --i) {
    std::swap(order_[i], order_[random.below(i + 1, i, static_cast<std::uint32_t>(epoch))]);
  }
}

// Small batches take up to four shards of at least 32 rows, large ones up to sixteen of 128 or
// more: enough for many cores, while the gradients of a large net stay few.
Shards::Shards(Index batch_size)
    : count(std::clamp<Index>(batch_size / 128, std::clamp<Index>(batch_size / 32, 1, 4), 16)) {}

}  // namespace nflow
