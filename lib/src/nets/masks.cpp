#include "nets/masks.h"

#include <algorithm>

namespace nflow {

Degrees Degrees::inputs(const Autoregressive& a) {
  Degrees d;
  d.degrees_.assign(a.context, 0);
  for (Index j = 0; j < a.features; ++j) {
    d.degrees_.insert(d.degrees_.end(), a.widths.empty() ? a.width : a.widths[j], j + 1);
  }
  return d;
}

Degrees Degrees::hidden(const Autoregressive& a, Index width) {
  const Index lowest = a.context > 0 ? 0 : 1;
  const Index kinds = std::max<Index>(1, a.features - lowest);
  Degrees d;
  for (Index k = 0; k < width; ++k) d.degrees_.push_back(lowest + k * kinds / width);
  return d;
}

Degrees Degrees::outputs(const Autoregressive& a) {
  Degrees d;
  for (Index j = 0; j < a.features; ++j) {
    d.degrees_.insert(d.degrees_.end(), a.sizes.empty() ? a.size : a.sizes[j], j);
  }
  return d;
}

std::vector<Index> Degrees::reach(const Degrees& to) const {
  std::vector<Index> prefix;
  prefix.reserve(to.degrees_.size());
  for (Index degree : to.degrees_) prefix.push_back(first(degree + 1));
  return prefix;
}

Index Degrees::first(Index degree) const {
  return std::lower_bound(degrees_.begin(), degrees_.end(), degree) - degrees_.begin();
}

}  // namespace nflow
