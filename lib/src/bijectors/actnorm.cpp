#include <cmath>

#include "bijectors/bijector.h"

namespace nflow {
namespace {

/// Activation normalisation (Kingma and Dhariwal, "Glow", 2018): a shift and scale of each column.
///   forward   z_j = x_j e^{s_j} + t_j
///   log_det   sum_j s_j, the same for every row
///   inverse   x_j = (z_j - t_j) e^{-s_j}
///   gradient  dx = dz e^s;  dt = sum dz;  ds = sum x dz e^s + sum dlog_det
/// It starts from data, so that its output has mean 0 and deviation 1 in every column.
template <class T>
class ActNorm final : public Bijector<T> {
 public:
  explicit ActNorm(Blueprint& blueprint)
      : columns_(blueprint.columns()),
        log_scale_(blueprint.param("log_scale", 1, columns_, Start::constant(0))),
        shift_(blueprint.param("shift", 1, columns_, Start::constant(0))) {}

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    T total = 0;
    for (Index j = 0; j < columns_; ++j) {
      const T s = pass.theta[log_scale_.offset + j], t = pass.theta[shift_.offset + j];
      kernels<T>().scale_shift(x.rows, std::exp(s), t, x.col(j), z.col(j));
      total += s;
    }
    kernels<T>().scale_shift(x.rows, T(1), total, log_det, log_det);
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    T total = 0;
    for (Index j = 0; j < columns_; ++j) {
      const T s = pass.theta[log_scale_.offset + j], t = pass.theta[shift_.offset + j];
      const T scale = std::exp(-s);
      kernels<T>().scale_shift(z.rows, scale, -t * scale, z.col(j), x.col(j));
      total += s;
    }
    kernels<T>().scale_shift(z.rows, T(1), -total, log_det, log_det);
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const Kernels<T>& k = kernels<T>();
    T dlog_det_sum = 0;
    k.add_column_sums(x.rows, 1, dlog_det, x.rows, &dlog_det_sum);
    k.add_column_sums(x.rows, columns_, dz.data, dz.stride, pass.grad + shift_.offset);
    for (Index j = 0; j < columns_; ++j) {
      const T scale = std::exp(pass.theta[log_scale_.offset + j]);
      pass.grad[log_scale_.offset + j] += scale * k.dot(x.rows, x.col(j), dz.col(j)) + dlog_det_sum;
      k.scale_shift(x.rows, scale, T(0), dz.col(j), dx.col(j));
    }
  }

  void initialize(const Pass<T>&, T* theta, View<const T> x, Index live) const override {
    for (Index j = 0; j < columns_; ++j) {
      double mean = 0, square = 0;
      for (Index r = 0; r < live; ++r) mean += double(x.col(j)[r]) / double(live);
      for (Index r = 0; r < live; ++r) square += std::pow(double(x.col(j)[r]) - mean, 2);
      // A column that stands still here (a tiny table) keeps its scale.
      const double deviation = std::sqrt(square / double(live));
      const double scale = deviation > 1e-6 ? 1 / deviation : 1;
      theta[log_scale_.offset + j] = static_cast<T>(std::log(scale));
      theta[shift_.offset + j] = static_cast<T>(-mean * scale);
    }
  }

 private:
  Index columns_;
  Param log_scale_, shift_;
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions&, Blueprint& blueprint) {
  return std::make_unique<ActNorm<T>>(blueprint);
}

}  // namespace

extern const FlowKind actnorm_kind;
const FlowKind actnorm_kind{"actnorm",
                            "shift and scale of each column, started from data (Glow, 2018)",
                            {},
                            ContextUse::shift_scale,
                            NFLOW_MAKERS(make)};

}  // namespace nflow
