#include "nets/linear.h"

#include <algorithm>
#include <cmath>

namespace nflow {

template <class T>
Linear<T>::Linear(Index inputs, Index outputs, const std::string& name, First first,
                  Blueprint& blueprint, std::vector<Index> reach)
    : reach_(std::move(reach)) {
  const double width = first == First::zero ? 0 : 1 / std::sqrt(static_cast<double>(inputs));
  Start start = Start::uniform(width);
  start.decays = true;
  start.overwritten = true;
  start.live = reach_;
  weight_ = blueprint.param(name + ".weight", outputs, inputs, start);
  bias_ = blueprint.param(name + ".bias", 1, outputs, Start::uniform(width));
  turned_ = blueprint.scratch(padded(inputs));
  if (reach_.empty()) return;
  for (Index i = 0; i < inputs; ++i) {
    start_.push_back(std::upper_bound(reach_.begin(), reach_.end(), i) - reach_.begin());
  }
}

template <class T>
void Linear<T>::forward(const Pass<T>& pass, View<const T> in, View<T> out, Index first,
                        Index last) const {
  if (first == last) return;
  Gemm<T> g{};
  g.rows = in.rows;
  g.cols = last - first;
  g.depth = inputs();
  g.a = in.data;
  g.a_stride = in.stride;
  g.b = pass.theta + weight_.offset + first * inputs();
  g.b_depth = 1;
  g.b_col = inputs();
  g.c = out.col(first);
  g.c_stride = out.stride;
  g.far = pass.training;  // the tapes of a chain are larger than the cache
  g.bias = pass.theta + bias_.offset + first;
  g.depth_end = reach_.empty() ? nullptr : reach_.data() + first;
  g.zero_outside = true;
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
  g.c = pass.grad + weight_.offset;
  g.c_stride = inputs();
  g.far = true;
  g.accumulate = !pass.begins;
  g.row_end = reach_.empty() ? nullptr : reach_.data();
  k.gemm(g);
}

// din = dout W
template <class T>
void Linear<T>::backward_input(const Pass<T>& pass, View<const T> dout, View<T> din,
                               bool accumulate) const {
  Gemm<T> d{};
  d.rows = din.rows;
  d.cols = inputs();
  d.depth = outputs();
  d.a = dout.data;
  d.a_stride = dout.stride;
  d.b = pass.theta + weight_.offset;
  d.b_depth = inputs();
  d.b_col = 1;
  d.c = din.data;
  d.c_stride = din.stride;
  d.far = true;
  d.accumulate = accumulate;
  d.depth_begin = start_.empty() ? nullptr : start_.data();
  d.zero_outside = true;
  kernels<T>().gemm(d);
}

template class Linear<float>;
template class Linear<double>;

}  // namespace nflow
