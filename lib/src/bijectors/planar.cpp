#include <algorithm>

#include "bijectors/bijector.h"
#include "math/constraint.h"

namespace nflow {
namespace {

/// Planar flow (Rezende and Mohamed, "Variational Inference with Normalizing Flows", 2015, eq. 10
/// and appendix A.1), with parameters w, u (D each) and b.
///   u^        = u + k w,  k = (m(w.u) - w.u) / |w|^2, so that c = w.u^ = m(w.u) > -1;
///             m of math/constraint.h has m(0) = 0: u = 0 is the identity
///   forward   z = x + u^ t,  t = tanh(p),  p = w.x + b
///   log_det   log(1 + c (1 - t^2))
///   inverse   p + c tanh(p) = w.z + b has one root, within |c| of the right side; x = z - u^ t
/// The paper adds softplus(w.u) - 1 - w.u instead of m; both range over (-1, infinity).
template <class T>
class Planar final : public Bijector<T> {
 public:
  explicit Planar(Blueprint& blueprint)
      : columns_(blueprint.columns()),
        w_(blueprint.param("w", 1, columns_, Start::normal(0.5))),
        u_(blueprint.param("u", 1, columns_, Start::normal(0.01))),
        b_(blueprint.param("b", 1, 1, Start::normal(0.5))),
        t_(blueprint.tape(1)),
        p_(blueprint.scratch(1)),
        dp_(blueprint.scratch(1)),
        dt_(blueprint.scratch(1)),
        dc_(blueprint.scratch(1)) {}

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const Direction d(*this, pass.theta);
    T* t = pass.tape_view(t_).data;
    project(pass, x);
    kernels<T>().planar_forward(x.rows, d.c, pass.scratch_view(p_).data, t, log_det);
    copy<T>(x, z);
    for (Index j = 0; j < columns_; ++j) kernels<T>().axpy(x.rows, d.u(j), t, z.col(j));
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const Direction d(*this, pass.theta);
    T* t = pass.tape_view(t_).data;
    project(pass, z);
    kernels<T>().planar_inverse(z.rows, d.c, pass.scratch_view(p_).data, t, log_det);
    copy<T>(z, x);
    for (Index j = 0; j < columns_; ++j) kernels<T>().axpy(z.rows, -d.u(j), t, x.col(j));
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const Kernels<T>& k = kernels<T>();
    const Direction d(*this, pass.theta);
    const T* t = pass.tape_view(t_).data;
    T* dp = pass.scratch_view(dp_).data;
    T* dt = pass.scratch_view(dt_).data;
    T* dc_rows = pass.scratch_view(dc_).data;
    std::fill_n(dt, x.rows, T(0));
    for (Index j = 0; j < columns_; ++j) k.axpy(x.rows, d.u(j), dz.col(j), dt);
    k.planar_backward(x.rows, d.c, t, dt, dlog_det, dp, dc_rows);

    T dc = 0;
    k.add_column_sums(x.rows, 1, dc_rows, x.rows, &dc);
    k.add_column_sums(x.rows, 1, dp, x.rows, pass.grad + b_.offset);
    T dk = dc * d.norm;
    T* dw = pass.grad + w_.offset;
    T* du = pass.grad + u_.offset;
    for (Index j = 0; j < columns_; ++j) {
      copy<T>(dz.columns(j, 1), dx.columns(j, 1));
      k.axpy(x.rows, d.w[j], dp, dx.col(j));
      const T dhat = k.dot(x.rows, dz.col(j), t);  // dL/du^_j
      dw[j] += k.dot(x.rows, dp, x.col(j)) + d.k * dhat;
      du[j] += dhat;
      dk += dhat * d.w[j];
    }
    // Through k and c = a + k |w|^2, with a = w.u.
    const T da = dc + dk * (d.slope - 1) / d.norm;
    const T dnorm = (dc - dk / d.norm) * d.k;
    for (Index j = 0; j < columns_; ++j) {
      dw[j] += 2 * dnorm * d.w[j] + da * d.raw[j];
      du[j] += da * d.w[j];
    }
  }

 private:
  /// The constrained u^ = raw + k w of the present parameters.
  struct Direction {
    const T* w;
    const T* raw;
    T norm, k, c, slope;

    Direction(const Planar& planar, const T* theta)
        : w(theta + planar.w_.offset), raw(theta + planar.u_.offset) {
      double square = 1e-30, a = 0;  // w = 0 is the identity in p, not a division by 0
      for (Index j = 0; j < planar.columns_; ++j) {
        square += double(w[j]) * double(w[j]);
        a += double(w[j]) * double(raw[j]);
      }
      const AboveMinusOne m(a);
      norm = static_cast<T>(square);
      k = static_cast<T>((m.value - a) / square);
      c = static_cast<T>(m.value);
      slope = static_cast<T>(m.slope);
    }
    T u(Index j) const { return raw[j] + k * w[j]; }
  };

  /// scratch p = w.x + b
  void project(const Pass<T>& pass, View<const T> x) const {
    T* p = pass.scratch_view(p_).data;
    std::fill_n(p, x.rows, pass.theta[b_.offset]);
    for (Index j = 0; j < columns_; ++j) {
      kernels<T>().axpy(x.rows, pass.theta[w_.offset + j], x.col(j), p);
    }
  }

  Index columns_;
  Param w_, u_, b_;
  Slot t_;                 // tape
  Slot p_, dp_, dt_, dc_;  // scratch
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions&, Blueprint& blueprint) {
  return std::make_unique<Planar<T>>(blueprint);
}

}  // namespace

extern const FlowKind planar_kind;
const FlowKind planar_kind{"planar",
                           "a ridge along one direction (Rezende and Mohamed 2015)",
                           {},
                           ContextUse::shift_scale,
                           NFLOW_MAKERS(make)};

}  // namespace nflow
