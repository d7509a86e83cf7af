#include "univariate/univariate.h"

namespace nflow {
namespace {

/// Monotone rational-quadratic spline on [-B, B], the identity outside (Durkan et al. 2019), or of
/// a circle of length 2B onto itself (Rezende et al. 2020). Formulas, inverse and gradient:
/// kernels/spline.inc.h.
template <class T>
class RationalQuadratic final : public Univariate<T> {
 public:
  RationalQuadratic(Index bins, double bound, bool periodic)
      : bins_(bins), bound_(static_cast<T>(bound)), periodic_(periodic) {}

  Index size() const override { return 3 * bins_ - (periodic_ ? 0 : 1); }
  void forward(View<const T> h, const T* x, T* y, T* log_det) const override {
    kernels<T>().spline_forward(args(h), x, y, log_det);
  }
  void inverse(View<const T> h, const T* y, T* x, T* log_det) const override {
    kernels<T>().spline_inverse(args(h), y, x, log_det);
  }
  void backward(View<const T> h, const T* x, const T* dy, const T* dlog_det, View<T> dh,
                T* dx) const override {
    kernels<T>().spline_backward(args(h), x, dy, dlog_det, dh.data, dx);
  }

 private:
  UnivariateArgs<T> args(View<const T> h) const {
    return {h.rows, h.data, h.stride, bins_, bound_, periodic_};
  }

  Index bins_;  // K
  T bound_;     // B
  bool periodic_;
};

}  // namespace

template <class T>
std::unique_ptr<Univariate<T>> make_rational_quadratic(const LinkOptions& options) {
  return std::make_unique<RationalQuadratic<T>>(options.bins, options.tail_bound, false);
}
template std::unique_ptr<Univariate<float>> make_rational_quadratic(const LinkOptions&);
template std::unique_ptr<Univariate<double>> make_rational_quadratic(const LinkOptions&);

template <class T>
std::unique_ptr<Univariate<T>> make_circular_spline(Index bins) {
  return std::make_unique<RationalQuadratic<T>>(bins, 0.5, true);
}
template std::unique_ptr<Univariate<float>> make_circular_spline(Index);
template std::unique_ptr<Univariate<double>> make_circular_spline(Index);

}  // namespace nflow
