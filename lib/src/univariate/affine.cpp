#include "univariate/univariate.h"

namespace nflow {
namespace {

/// Shift and scale: y = x e^s + t, log g' = s. Formulas and gradient: kernels/affine.inc.h.
template <class T>
class Affine final : public Univariate<T> {
 public:
  Index size() const override { return 2; }
  void forward(View<const T> h, const T* x, T* y, T* log_det) const override {
    kernels<T>().affine_forward(args(h), x, y, log_det);
  }
  void inverse(View<const T> h, const T* y, T* x, T* log_det) const override {
    kernels<T>().affine_inverse(args(h), y, x, log_det);
  }
  void backward(View<const T> h, const T* x, const T* dy, const T* dlog_det, View<T> dh,
                T* dx) const override {
    kernels<T>().affine_backward(args(h), x, dy, dlog_det, dh.data, dx);
  }

 private:
  /// |s| stays below this: a factor of 150 a link, beyond what standardised columns need.
  static constexpr T kLogScaleBound = 5;

  static UnivariateArgs<T> args(View<const T> h) {
    return {h.rows, h.data, h.stride, 0, kLogScaleBound};
  }
};

}  // namespace

template <class T>
std::unique_ptr<Univariate<T>> make_affine(const LinkOptions&) {
  return std::make_unique<Affine<T>>();
}
template std::unique_ptr<Univariate<float>> make_affine(const LinkOptions&);
template std::unique_ptr<Univariate<double>> make_affine(const LinkOptions&);

}  // namespace nflow
