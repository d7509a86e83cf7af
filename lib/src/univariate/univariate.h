#pragma once

#include <memory>

#include "nflow/flow_spec.h"
#include "view.h"

namespace nflow {

/// A monotone map of one column with outside parameters, y = g(x; h), N rows at once.
/// h is N x size(): the raw parameters of each row, as a conditioner gives them. h = 0 is the
/// identity, so that a chain whose conditioners end in zeros starts as the identity.
template <class T>
class Univariate {
 public:
  virtual ~Univariate() = default;

  /// Raw parameters a column takes: affine 2, rational quadratic 3K - 1, on a circle 3K.
  virtual Index size() const = 0;
  /// y = g(x; h), log_det += log g'(x; h).
  virtual void forward(View<const T> h, const T* x, T* y, T* log_det) const = 0;
  /// x = g^-1(y; h), log_det -= log g'(x; h).
  virtual void inverse(View<const T> h, const T* y, T* x, T* log_det) const = 0;
  /// Given dL/dy and dL/dlog_det, writes dL/dh and dL/dx.
  virtual void backward(View<const T> h, const T* x, const T* dy, const T* dlog_det, View<T> dh,
                        T* dx) const = 0;
};

template <class T>
std::unique_ptr<Univariate<T>> make_affine(const LinkOptions& options);
template <class T>
std::unique_ptr<Univariate<T>> make_rational_quadratic(const LinkOptions& options);
/// A rational-quadratic spline of the circle [-1/2, 1/2] onto itself.
template <class T>
std::unique_ptr<Univariate<T>> make_circular_spline(Index bins);

}  // namespace nflow
