#include "nets/linear.h"

#include <algorithm>
#include <cmath>

#include "packed_weights.h"

namespace nflow {

template <class T>
Linear<T>::Linear(Index inputs, Index outputs, const std::string& name, First first,
                  Blueprint& blueprint, std::vector<Index> reach) {
  const double width = first == First::zero ? 0 : 1 / std::sqrt(static_cast<double>(inputs));
  Start start = Start::uniform(width);
  start.decays = first != First::coefficients;
  start.overwritten = true;
  start.live = reach;
  forward_.weight = blueprint.param(name + ".weight", outputs, inputs, start);
  bias_ = blueprint.param(name + ".bias", 1, outputs, Start::uniform(width));
  turned_ = blueprint.scratch(padded(inputs));
  backward_.weight = forward_.weight;
  backward_.turned = true;
  for (Index i = 0; i < inputs && !reach.empty(); ++i) {  // the first output that reads input i
    backward_.begin.push_back(std::upper_bound(reach.begin(), reach.end(), i) - reach.begin());
  }
  forward_.end = std::move(reach);
  forward_number_ = blueprint.factor(forward_);
  backward_number_ = blueprint.factor(backward_);
}

template <class T>
void Linear<T>::forward(const Pass<T>& pass, View<const T> in, View<T> out, Index first,
                        Index last) const {
  if (first == last) return;
  Gemm<T> g = product_with<T>(forward_);
  g.b = pass.theta + forward_.weight.offset;
  if (last - first == outputs()) {
    g.packed = pass.packed ? pass.packed->of(forward_number_) : nullptr;
  } else {
    g.cols = last - first;
    g.b += first * g.b_col;
    if (g.depth_end) g.depth_end += first;
  }
  g.rows = in.rows;
  g.a = in.data;
  g.a_stride = in.stride;
  g.c = out.col(first);
  g.c_stride = out.stride;
  g.far = pass.training;  // the tapes of a chain are larger than the cache
  g.bias = pass.theta + bias_.offset + first;
  kernels<T>().gemm(g);
}

template <class T>
void Linear<T>::add_gradients(const Pass<T>& pass, View<const T> in, View<const T> dout) const {
  const Kernels<T>& k = kernels<T>();
  k.add_column_sums(dout.rows, dout.cols, dout.data, dout.stride, pass.grad + bias_.offset);

  // dW^T = in^T dout, rows of the product being inputs.
  const Index stride = padded(inputs());
  T* turned = pass.scratch_view(turned_).data;
  k.transpose(in.rows, inputs(), in.data, in.stride, turned, stride);
  Gemm<T> g{};
  g.rows = inputs();
  g.cols = outputs();
  g.depth = in.rows;
  g.a = turned;
  g.a_stride = stride;
  g.b = dout.data;
  g.b_depth = 1;
  g.b_col = dout.stride;
  g.c = pass.grad + forward_.weight.offset;
  g.c_stride = inputs();
  g.far = true;
  g.rough = true;
  g.accumulate = !pass.begins;
  g.row_end = forward_.end.empty() ? nullptr : forward_.end.data();
  k.gemm(g);
}

// din = dout W
template <class T>
void Linear<T>::backward_input(const Pass<T>& pass, View<const T> dout, View<T> din,
                               bool accumulate) const {
  Gemm<T> d = product_with<T>(backward_);
  d.b = pass.theta + backward_.weight.offset;
  d.packed = pass.packed ? pass.packed->of(backward_number_) : nullptr;
  d.rows = din.rows;
  d.a = dout.data;
  d.a_stride = dout.stride;
  d.c = din.data;
  d.c_stride = din.stride;
  d.accumulate = accumulate;
  d.far = true;
  kernels<T>().gemm(d);
}

template class Linear<float>;
template class Linear<double>;

}  // namespace nflow
