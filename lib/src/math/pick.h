#pragma once

#include "nflow/table.h"

namespace nflow {

/// The first of `places` at which share(0) + share(1) + ... exceeds `at`, from 0 to below their
/// sum; where rounding leaves it short, the last with any. A place without a share is never picked.
template <class Share>
Index pick(double at, Index places, const Share& share) {
  Index last = 0;
  for (Index place = 0; place < places; ++place) {
    if (!(share(place) > 0)) continue;
    last = place;
    if ((at -= share(place)) < 0) break;
  }
  return last;
}

}  // namespace nflow
