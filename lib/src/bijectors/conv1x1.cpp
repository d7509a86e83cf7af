#include <cmath>

#include "bijectors/bijector.h"

namespace nflow {
namespace {

/// Invertible 1x1 convolution (Kingma and Dhariwal, "Glow", 2018, section 3.2): on a table, a
/// linear map of the columns, z = W x + b with W = P L U.
///   P a fixed permutation, kept in the model: z_j = y_{index[j]} + b_j
///   L unit lower triangular, U upper triangular with diagonal e^{s}
/// One matrix holds L below its diagonal, s on it, and the rest of U above.
///   log_det   sum_j s_j, the same for every row
///   inverse   undo P, solve with L forwards and with U backwards
///   gradient  with v = U x, y = L v:  dv = L^T dy, dL = dy v^T;  dx = U^T dv, dU = dv x^T
template <class T>
class InvertibleLinear final : public Bijector<T> {
 public:
  explicit InvertibleLinear(Blueprint& blueprint)
      : columns_(blueprint.columns()),
        lu_(blueprint.param("lu", columns_, columns_, Start::constant(0))),
        bias_(blueprint.param("bias", 1, columns_, Start::constant(0))),
        index_(blueprint.permutation("permutation")),
        v_(blueprint.tape(columns_)),
        y_(blueprint.scratch(columns_)),
        turned_(blueprint.scratch(padded(columns_))) {
    for (Index j = 0; j < columns_; ++j) {
      before_.push_back(j);
      after_.push_back(j + 1);
      end_.push_back(columns_);
    }
  }

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const Kernels<T>& k = kernels<T>();
    const View<T> v = pass.tape_view(v_), y = pass.scratch_view(y_);
    product(pass, x, v, Half::upper);
    for (Index j = 0; j < columns_; ++j) k.axpy(x.rows, diagonal(pass, j), x.col(j), v.col(j));
    product(pass, v, y, Half::lower);
    add<T>(v, y);
    for (Index j = 0; j < columns_; ++j) {
      k.scale_shift(x.rows, T(1), pass.theta[bias_.offset + j], y.col(index_[j]), z.col(j));
    }
    k.scale_shift(x.rows, T(1), log_det_of(pass), log_det, log_det);
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const Kernels<T>& k = kernels<T>();
    const View<T> v = pass.tape_view(v_);
    const T* lu = pass.theta + lu_.offset;
    for (Index j = 0; j < columns_; ++j) {
      k.scale_shift(z.rows, T(1), -pass.theta[bias_.offset + j], z.col(j), v.col(index_[j]));
    }
    for (Index j = 0; j < columns_; ++j) {
      for (Index i = 0; i < j; ++i) k.axpy(z.rows, -lu[j * columns_ + i], v.col(i), v.col(j));
    }
    for (Index j = columns_; j-- > 0;) {
      for (Index i = j + 1; i < columns_; ++i) {
        k.axpy(z.rows, -lu[j * columns_ + i], x.col(i), v.col(j));
      }
      k.scale_shift(z.rows, 1 / diagonal(pass, j), T(0), v.col(j), x.col(j));
    }
    k.scale_shift(z.rows, T(1), -log_det_of(pass), log_det, log_det);
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const Kernels<T>& k = kernels<T>();
    const View<T> v = pass.tape_view(v_), dy = pass.scratch_view(y_);
    k.add_column_sums(dz.rows, columns_, dz.data, dz.stride, pass.grad + bias_.offset);
    for (Index j = 0; j < columns_; ++j) copy<T>(dz.columns(j, 1), dy.columns(index_[j], 1));

    add_gradient(pass, v, dy, Half::lower);
    transposed_product(pass, dy, dx, Half::lower);
    add<T>(dx, dy);  // now dv
    const View<T> dv = dy;

    add_gradient(pass, x, dv, Half::upper);
    transposed_product(pass, dv, dx, Half::upper);
    T dlog_det_sum = 0;
    k.add_column_sums(x.rows, 1, dlog_det, x.rows, &dlog_det_sum);
    for (Index j = 0; j < columns_; ++j) {
      const T scale = diagonal(pass, j);
      k.axpy(x.rows, scale, dv.col(j), dx.col(j));
      pass.grad[lu_.offset + j * columns_ + j] +=
          scale * k.dot(x.rows, dv.col(j), x.col(j)) + dlog_det_sum;
    }
  }

 private:
  enum class Half { lower, upper };  // strictly below or above the diagonal

  T diagonal(const Pass<T>& pass, Index j) const {
    return std::exp(pass.theta[lu_.offset + j * columns_ + j]);
  }
  T log_det_of(const Pass<T>& pass) const {
    T total = 0;
    for (Index j = 0; j < columns_; ++j) total += pass.theta[lu_.offset + j * columns_ + j];
    return total;
  }

  /// out_j = sum over i < j (lower) or i > j (upper) of lu[j, i] in_i
  void product(const Pass<T>& pass, View<const T> in, View<T> out, Half half) const {
    Gemm<T> g = shape(pass, in, out);
    g.b_depth = 1;
    g.b_col = columns_;
    if (half == Half::lower) g.depth_end = before_.data();
    if (half == Half::upper) g.depth_begin = after_.data();
    kernels<T>().gemm(g);
  }
  /// out_i = sum over j > i (lower) or j < i (upper) of lu[j, i] in_j
  void transposed_product(const Pass<T>& pass, View<const T> in, View<T> out, Half half) const {
    Gemm<T> g = shape(pass, in, out);
    g.b_depth = columns_;
    g.b_col = 1;
    if (half == Half::lower) g.depth_begin = after_.data();
    if (half == Half::upper) g.depth_end = before_.data();
    kernels<T>().gemm(g);
  }
  Gemm<T> shape(const Pass<T>& pass, View<const T> in, View<T> out) const {
    Gemm<T> g{};
    g.rows = in.rows;
    g.cols = columns_;
    g.depth = columns_;
    g.a = in.data;
    g.a_stride = in.stride;
    g.b = pass.theta + lu_.offset;
    g.c = out.data;
    g.c_stride = out.stride;
    return g;
  }
  /// grad lu[j, i] += sum over rows of dout_j in_i, for one half of the matrix.
  void add_gradient(const Pass<T>& pass, View<const T> in, View<const T> dout, Half half) const {
    const Index stride = padded(columns_);
    T* turned = pass.scratch_view(turned_).data;
    kernels<T>().transpose(in.rows, columns_, in.data, in.stride, turned, stride);
    Gemm<T> g{};
    g.rows = columns_;
    g.cols = columns_;
    g.depth = in.rows;
    g.a = turned;
    g.a_stride = stride;
    g.b = dout.data;
    g.b_depth = 1;
    g.b_col = dout.stride;
    g.c = pass.grad + lu_.offset;
    g.c_stride = columns_;
    g.accumulate = true;
    g.row_begin = half == Half::upper ? after_.data() : nullptr;
    g.row_end = half == Half::lower ? before_.data() : end_.data();
    kernels<T>().gemm(g);
  }

  Index columns_;
  Param lu_, bias_;
  std::vector<std::int64_t> index_;
  Slot v_;                                   // tape: U x
  Slot y_, turned_;                          // scratch
  std::vector<Index> before_, after_, end_;  // per column j: j, j + 1, D
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions&, Blueprint& blueprint) {
  return std::make_unique<InvertibleLinear<T>>(blueprint);
}

}  // namespace

extern const FlowKind conv1x1_kind;
const FlowKind conv1x1_kind{"conv1x1",
                            "invertible 1x1 convolution: a linear map as P L U (Glow, 2018)",
                            {},
                            ContextUse::shift_scale,
                            NFLOW_MAKERS(make)};

}  // namespace nflow
