#include "nets/ramps.h"

#include <algorithm>
#include <vector>

namespace nflow {

template <class T>
Ramps<T>::Ramps(Index inputs, Index outputs, const LinkOptions& options, Blueprint& blueprint,
                const Autoregressive* masked)
    : ramps_(options.ramps),
      knots_(blueprint.param("knots", inputs, ramps_ + 1, Start::constant(0))),
      spread_(blueprint.tape(inputs * (1 + ramps_))),
      dspread_(blueprint.scratch(inputs * (1 + ramps_))) {
  LinkOptions inner = options;
  inner.ramps = 0;
  const Index wide = inputs * (1 + ramps_);
  if (masked) {
    Autoregressive spread = *masked;
    spread.context *= 1 + ramps_;
    spread.width *= 1 + ramps_;
    for (Index& width : spread.widths) width *= 1 + ramps_;
    net_ = make_conditioner<T>(wide, outputs, inner, blueprint, &spread);
  } else {
    net_ = make_conditioner<T>(wide, outputs, inner, blueprint);
  }
}

template <class T>
View<T> Ramps<T>::spread(const Pass<T>& pass, View<const T> in) const {
  const View<T> out = pass.tape_view(spread_);
  for (Index j = 0; j < in.cols; ++j) {
    const T *knots = pass.theta + knots_.offset + j * (ramps_ + 1), *x = in.col(j);
    std::copy_n(x, in.rows, out.col(j * (1 + ramps_)));
    for (Index b = 0; b < ramps_; ++b) {
      const T from = knots[b], width = knots[b + 1] - from, slope = width > 0 ? 1 / width : T(0);
      T* to = out.col(j * (1 + ramps_) + 1 + b);
      for (Index r = 0; r < in.rows; ++r) {
        to[r] = std::clamp((x[r] - from) * slope, T(0), T(1));
      }
    }
  }
  return out;
}

template <class T>
void Ramps<T>::forward(const Pass<T>& pass, View<const T> in, View<T> out) const {
  net_->forward(pass, spread(pass, in), out);
}

template <class T>
void Ramps<T>::advance(const Pass<T>& pass, View<const T> in, View<T> out, Index degree) const {
  net_->advance(pass, spread(pass, in), out, degree);
}

template <class T>
void Ramps<T>::backward(const Pass<T>& pass, View<const T> in, View<const T> dout,
                        View<T> din) const {
  const View<T> wide = pass.tape_view(spread_), dwide = pass.scratch_view(dspread_);
  net_->backward(pass, wide, dout, dwide);
  for (Index j = 0; j < in.cols; ++j) {
    const T* knots = pass.theta + knots_.offset + j * (ramps_ + 1);
    T* dx = din.col(j);
    std::copy_n(dwide.col(j * (1 + ramps_)), in.rows, dx);
    for (Index b = 0; b < ramps_; ++b) {
      const Index k = j * (1 + ramps_) + 1 + b;
      const T width = knots[b + 1] - knots[b], slope = width > 0 ? 1 / width : T(0);
      const T *at = wide.col(k), *pull = dwide.col(k);
      for (Index r = 0; r < in.rows; ++r) {
        dx[r] += at[r] > 0 && at[r] < 1 ? pull[r] * slope : T(0);
      }
    }
  }
}

template <class T>
void Ramps<T>::initialize(T* theta, View<const T> in, Index live) const {
  for (Index j = 0; j < in.cols; ++j) {
    std::vector<T> sorted(in.col(j), in.col(j) + live);
    std::sort(sorted.begin(), sorted.end());
    for (Index b = 0; b <= ramps_; ++b) {
      theta[knots_.offset + j * (ramps_ + 1) + b] = sorted[b * (live - 1) / ramps_];
    }
  }
}

template class Ramps<float>;
template class Ramps<double>;

}  // namespace nflow
