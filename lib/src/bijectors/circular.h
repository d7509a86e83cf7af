#pragma once

#include <memory>
#include <vector>

#include "bijectors/circle_drift.h"
#include "bijectors/circle_zoom.h"
#include "bijectors/head.h"
#include "nets/conditioner.h"
#include "nflow/front.h"
#include "univariate/univariate.h"

namespace nflow {

/// Autoregressive circular splines (Rezende et al., "Normalizing Flows on Tori and Spheres", 2020):
/// column j, in turns of [-1/2, 1/2], without its windings about columns before it and its drift,
/// passes through a spline of the circle onto itself, and then from the uniform distribution on the
/// circle to the standard normal. A masked net reads the spline from the circular columns before
/// it, as points (cos, sin) of the unit circle, and the context: nothing, the density least of all,
/// tells one side of a seam from the other.
///   forward   u_j = x_j - sum over i < j of k_ji x_i - drift_j(x_1 .. x_{j-1}, context), less the
///             nearest whole number
///             v_j = zoom_j(u_j), fixed at the start, where it follows others so; else u_j
///             z_j = Phi^-1(1/2 + g(v_j; h_j(x_1 .. x_{j-1}, context)))
///   log_det   sum over j of log zoom'(u_j) + log g'(v_j; h_j) - log phi(z_j); the base density
///             takes off the last
///   inverse   x_1, then x_2, ...
/// It stands before the chain of the other columns, which takes given() for its context, so that
/// what depends on an angle does not see the seam either: cosine and sine of each column.
template <class T>
class Circular final : public Head<T> {
 public:
  Circular(const Front& front, Index context, Blueprint& blueprint);

  Index columns() const override { return columns_; }

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override;
  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override;
  void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override;
  /// Bins of equal mass, with slopes as their neighbours have them.
  void initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const override;

 private:
  View<T> parameters(View<T> h, Index j) const {
    return h.columns(j * univariate_->size(), univariate_->size());
  }
  bool follows(Index j) const;
  CircleZoom<T> zoom(const Pass<T>& pass, Index j) const;
  /// u_j without the drift.
  void unwind(View<const T> x, Index j, Index rows, T* u) const;
  T* cosine(View<T> given, Index j) const { return given.col(context_ + kCircleFeatures * j); }
  T* sine(View<T> given, Index j) const { return given.col(context_ + kCircleFeatures * j + 1); }

  Index columns_, context_;
  std::vector<std::vector<int>> windings_;  // of each column, one a column before it
  std::unique_ptr<Univariate<T>> univariate_;
  std::unique_ptr<Conditioner<T>> net_;
  Index bias_;  // first of the net's last biases
  Param zoom_;  // centre and log-sharpness of each column, where any follows others
  CircleDrift<T> drift_;
  Slot u_, v_, h_;    // tape: turns without windings and drift, zoomed, the net's output
  Slot dinput_, dh_;  // scratch
};

}  // namespace nflow
