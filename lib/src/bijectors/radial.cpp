#include <algorithm>
#include <cmath>

#include "bijectors/bijector.h"
#include "math/constraint.h"

namespace nflow {
namespace {

/// Radial flow (Rezende and Mohamed, "Variational Inference with Normalizing Flows", 2015, eq. 14
/// and appendix A.2), with parameters x0 (D), log alpha and b; beta = alpha m(b) > -alpha, and
/// b = 0 is the identity (m of math/constraint.h).
///   forward   z = x + beta h (x - x0),  h = 1 / (alpha + r),  r = |x - x0|, a norm per row
///   log_det   (D - 1) log(1 + beta h) + log(1 + alpha beta h^2)
///   inverse   closed: with g = |z - x0| and s = alpha + beta > 0,
///             r = (sqrt((s - g)^2 + 4 alpha g) - (s - g)) / 2,
///             x = x0 + (alpha + r) / (s + r) (z - x0)
template <class T>
class Radial final : public Bijector<T> {
 public:
  explicit Radial(Blueprint& blueprint)
      : columns_(blueprint.columns()),
        center_(blueprint.param("center", 1, columns_, Start::normal(1))),
        log_alpha_(blueprint.param("log_alpha", 1, 1, Start::constant(0))),
        b_(blueprint.param("b", 1, 1, Start::normal(0.01))),
        squares_(blueprint.tape(1)),
        h_(blueprint.tape(1)),
        along_(blueprint.scratch(1)),
        pull_(blueprint.scratch(1)),
        dalpha_(blueprint.scratch(1)),
        dbeta_(blueprint.scratch(1)) {}

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const Shape s(*this, pass.theta);
    const T* center = pass.theta + center_.offset;
    T* h = pass.tape_view(h_).data;
    kernels<T>().radial_forward(x.rows, s.dim, s.alpha, s.beta, distances(pass, x), h, log_det);
    copy<T>(x, z);
    for (Index j = 0; j < columns_; ++j) {
      kernels<T>().add_product(x.rows, s.beta, h, center[j], x.col(j), z.col(j));
    }
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const Shape s(*this, pass.theta);
    const T* center = pass.theta + center_.offset;
    T* scale = pass.tape_view(h_).data;
    kernels<T>().radial_inverse(z.rows, s.dim, s.alpha, s.beta, distances(pass, z), scale, log_det);
    for (Index j = 0; j < columns_; ++j) {
      std::fill_n(x.col(j), x.rows, center[j]);
      kernels<T>().add_product(z.rows, T(1), scale, center[j], z.col(j), x.col(j));
    }
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const Kernels<T>& k = kernels<T>();
    const Shape s(*this, pass.theta);
    const T* center = pass.theta + center_.offset;
    const T* h = pass.tape_view(h_).data;
    T* along = pass.scratch_view(along_).data;
    T* pull = pass.scratch_view(pull_).data;
    std::fill_n(along, x.rows, T(0));
    for (Index j = 0; j < columns_; ++j) {
      k.add_product(x.rows, T(1), dz.col(j), center[j], x.col(j), along);
    }
    T* dalpha_rows = pass.scratch_view(dalpha_).data;
    T* dbeta_rows = pass.scratch_view(dbeta_).data;
    k.radial_backward(x.rows, s.dim, s.alpha, s.beta, pass.tape_view(squares_).data, along,
                      dlog_det, pull, dalpha_rows, dbeta_rows);

    for (Index j = 0; j < columns_; ++j) {
      // dL/d(x - x0), by way of z and of r; x0 takes its negative.
      std::fill_n(dx.col(j), dx.rows, T(0));
      k.add_product(x.rows, s.beta, h, T(0), dz.col(j), dx.col(j));
      k.add_product(x.rows, T(1), pull, center[j], x.col(j), dx.col(j));
      T total = 0;
      k.add_column_sums(x.rows, 1, dx.col(j), dx.stride, &total);
      pass.grad[center_.offset + j] -= total;
      k.add(x.rows, dz.col(j), dx.col(j));
    }
    T dalpha = 0, dbeta = 0;
    k.add_column_sums(x.rows, 1, dalpha_rows, x.rows, &dalpha);
    k.add_column_sums(x.rows, 1, dbeta_rows, x.rows, &dbeta);
    pass.grad[log_alpha_.offset] += s.alpha * (dalpha + dbeta * s.m);
    pass.grad[b_.offset] += s.alpha * dbeta * s.slope;
  }

 private:
  struct Shape {
    T dim, alpha, beta, m, slope;

    Shape(const Radial& radial, const T* theta) : dim(static_cast<T>(radial.columns_)) {
      const AboveMinusOne constrained{static_cast<double>(theta[radial.b_.offset])};
      alpha = std::exp(theta[radial.log_alpha_.offset]);
      m = static_cast<T>(constrained.value);
      slope = static_cast<T>(constrained.slope);
      beta = alpha * m;
    }
  };

  /// |x - x0|^2 of each row, on the tape.
  const T* distances(const Pass<T>& pass, View<const T> x) const {
    T* squares = pass.tape_view(squares_).data;
    std::fill_n(squares, x.rows, T(0));
    for (Index j = 0; j < columns_; ++j) {
      kernels<T>().add_squares(x.rows, pass.theta[center_.offset + j], x.col(j), squares);
    }
    return squares;
  }

  Index columns_;
  Param center_, log_alpha_, b_;
  Slot squares_, h_;                    // tape
  Slot along_, pull_, dalpha_, dbeta_;  // scratch
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions&, Blueprint& blueprint) {
  return std::make_unique<Radial<T>>(blueprint);
}

}  // namespace

extern const FlowKind radial_kind;
const FlowKind radial_kind{"radial",
                           "a push from or pull to one centre (Rezende and Mohamed 2015)",
                           {},
                           ContextUse::shift_scale,
                           NFLOW_MAKERS(make)};

}  // namespace nflow
