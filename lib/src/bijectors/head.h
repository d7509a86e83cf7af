#pragma once

#include <algorithm>

#include "bijectors/bijector.h"

namespace nflow {

/// A link of columns that stand before the chain, since they are none of the real line. What comes
/// behind them, other heads and the chain, takes given() for its context.
template <class T>
class Head : public Bijector<T> {
 public:
  virtual Index columns() const = 0;
  /// After forward() or inverse(): the context, then what others see of each column.
  View<T> given(const Pass<T>& pass) const { return pass.tape_view(given_); }
  /// Where dL/dgiven is added up before backward(), which takes it on; begins as 0 by
  /// clear_dgiven().
  View<T> dgiven(const Pass<T>& pass) const { return pass.scratch_view(dgiven_); }
  void clear_dgiven(const Pass<T>& pass) const {
    const View<T> sum = dgiven(pass);
    std::fill_n(sum.data, sum.size(), T(0));
  }

 protected:
  Slot given_;   // tape
  Slot dgiven_;  // scratch
};

}  // namespace nflow
