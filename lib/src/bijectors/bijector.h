#pragma once

#include "nflow/registry.h"
#include "pass.h"

namespace nflow {

/// A smooth one-to-one map between data x and latent z, row by row: a link of the chain.
///
/// `forward` runs from data to latent. x and z are tiles, N x D, that never overlap; log_det has N
/// entries and is added to. A link that has no use for an argument ignores it.
template <class T>
class Bijector {
 public:
  virtual ~Bijector() = default;

  /// z = f(x), log_det += log|det df/dx|. Leaves on the tape what backward() needs.
  virtual void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const = 0;
  /// x = f^-1(z), log_det += log|det df^-1/dz|.
  virtual void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const = 0;
  /// After forward() on the same tile: given dL/dz and dL/dlog_det, writes dL/dx and adds dL/dtheta
  /// to pass.grad. Rows that only fill up the tile come with zeros.
  virtual void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                        const T* dlog_det, View<T> dx) const = 0;
  /// A start from data (ActNorm): x holds `live` rows of this link's own input, and theta is the
  /// memory that pass.theta shows.
  virtual void initialize(const Pass<T>& /*pass*/, T* /*theta*/, View<const T> /*x*/,
                          Index /*live*/) const {}
};

/// The two makers that a FlowKind holds, from one template over the scalar.
#define NFLOW_MAKERS(make) &make<float>, &make<double>  // NOLINT(bugprone-macro-parentheses)

}  // namespace nflow
