#pragma once

#include "nets/conditioner.h"

namespace nflow {

/// A net before which each input becomes 1 + `ramps` numbers: itself, and how far it is on the way
/// from each knot to the next, from 0 to 1; knots are quantiles of the rows at the start (Gorishniy
/// et al., "On embeddings for numerical features in tabular deep learning", 2022).
///   r_b = clamp((x - t_b) / (t_{b+1} - t_b), 0, 1);  0 where the two knots are one
///   dx  = d + sum_b dr_b / (t_{b+1} - t_b) over the ramp that x is on
template <class T>
class Ramps final : public Conditioner<T> {
 public:
  /// `masked` is that of the inputs before they are spread out.
  Ramps(Index inputs, Index outputs, const LinkOptions& options, Blueprint& blueprint,
        const Autoregressive* masked);

  void forward(const Pass<T>& pass, View<const T> in, View<T> out) const override;
  void backward(const Pass<T>& pass, View<const T> in, View<const T> dout,
                View<T> din) const override;
  void advance(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const override;
  void initialize(T* theta, View<const T> in, Index live) const override;

 private:
  View<T> spread(const Pass<T>& pass, View<const T> in) const;

  Index ramps_;
  Param knots_;
  Slot spread_, dspread_;
  std::unique_ptr<Conditioner<T>> net_;
};

}  // namespace nflow
