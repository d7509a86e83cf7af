#pragma once

#include <memory>

#include "bijectors/bijector.h"
#include "nets/conditioner.h"
#include "univariate/univariate.h"

namespace nflow {

/// Coupling (Dinh et al., "Density estimation using Real NVP", 2017): columns [first, first +
/// count) pass through a univariate map whose parameters a net reads from the other columns and the
/// context; the others stay.
///   forward   z_j = g(x_j; h_j(x_rest, context))
///   log_det   sum over j of log g'(x_j; h_j)
///   inverse   the same net, since x_rest = z_rest; then x_j = g^-1(z_j; h_j)
/// With nothing to read (D = 1, no context) it is an elementwise map with free parameters.
/// With no columns left over it is a map of every column by the context alone.
template <class T>
class Coupling final : public Bijector<T> {
 public:
  Coupling(Index first, Index count, std::unique_ptr<Univariate<T>> univariate,
           const LinkOptions& options, Blueprint& blueprint);

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override;
  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override;
  void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override;

 private:
  /// Copies the columns that stay and runs the net on them; returns the raw parameters.
  View<T> condition(const Pass<T>& pass, View<const T> from, View<T> to) const;
  /// The raw parameters of the j-th transformed column.
  View<T> parameters(View<T> h, Index j) const {
    return h.columns(j * univariate_->size(), univariate_->size());
  }

  Index first_, count_;      // transformed columns
  Index rest_first_, rest_;  // the others; contiguous, since [first, first + count) is an end
  Index context_;
  std::unique_ptr<Univariate<T>> univariate_;
  std::unique_ptr<Conditioner<T>> net_;
  Slot input_, h_;    // tape: the net's input and output
  Slot dinput_, dh_;  // scratch
};

/// The link that follows one without a conditioner when there is context: z = x e^s(c) + t(c).
template <class T>
std::unique_ptr<Bijector<T>> make_context_shift_scale(Blueprint& blueprint);

}  // namespace nflow
