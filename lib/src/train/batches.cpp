#include "train/batches.h"

#include <algorithm>

namespace nflow {

// Small batches take up to four shards of at least 32 rows, large ones up to sixteen of 128 or
// more: enough for many cores, while the gradients of a large net stay few.
Shards::Shards(Index batch_size_)
    : batch_size(batch_size_),
      count(std::clamp<Index>(batch_size / 128, std::clamp<Index>(batch_size / 32, 1, 4), 16)) {}

}  // namespace nflow
