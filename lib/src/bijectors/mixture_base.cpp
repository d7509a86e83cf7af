#include "bijectors/mixture_base.h"

#include <algorithm>
#include <cmath>

namespace nflow {
namespace {

/// Means of column e read the e columns before it.
std::vector<Index> reach(Index columns, Index components) {
  std::vector<Index> reach;
  for (Index e = 0; e < columns; ++e) reach.insert(reach.end(), components, e);
  return reach;
}

}  // namespace

template <class T>
MixtureBase<T>::MixtureBase(Index components, bool fixed, Index given, Blueprint& blueprint)
    : components_(components),
      fixed_(fixed),
      given_(given),
      all_(given + blueprint.columns()),
      logits_(blueprint.param("logits", 1, components, Start::normal(0.1))),
      log_scale_(blueprint.param("log_scale", all_, components, Start::constant(0))),
      mean_(all_, all_ * components, "mean", Linear<T>::First::coefficients, blueprint,
            reach(all_, components)),
      input_(blueprint.tape(all_)),
      means_(blueprint.tape(all_ * components)),
      weights_(blueprint.tape((all_ + 1) * components)),
      dinput_(blueprint.scratch(all_)),
      dmeans_(blueprint.scratch(all_ * components)),
      dweights_(blueprint.scratch(components)),
      scale_(blueprint.scratch(components)) {}

template <class T>
void MixtureBase<T>::start(const Pass<T>& pass) const {
  copy<T>(pass.context.columns(0, given_), input(pass).columns(0, given_));
  const T* logits = pass.theta + logits_.offset;
  const T top = *std::max_element(logits, logits + components_);
  T* first = weights(pass, 0);
  for (Index k = 0; k < components_; ++k) {
    std::fill_n(first + k * pass.rows, pass.rows, logits[k] - top);
  }
}

template <class T>
void MixtureBase<T>::place_all(const Pass<T>& pass) const {
  mean_.forward(pass, input(pass), pass.tape_view(means_));
}

template <class T>
void MixtureBase<T>::place(const Pass<T>& pass, Index e) const {
  mean_.forward(pass, input(pass), pass.tape_view(means_), e * components_, (e + 1) * components_);
}

template <class T>
MixtureArgs<T> MixtureBase<T>::column(const Pass<T>& pass, Index e) const {
  const T* log_scale = pass.theta + log_scale_.offset + e * components_;
  T* scale = pass.scratch_view(scale_).data;
  for (Index k = 0; k < components_; ++k) scale[k] = std::exp(log_scale[k]);
  const View<T> means = pass.tape_view(means_);
  return {pass.rows, components_, means.col(e * components_), means.stride, scale, log_scale};
}

template <class T>
void MixtureBase<T>::begin_backward(const Pass<T>& pass) const {
  std::fill_n(dweights(pass), components_ * pass.rows, T(0));
}

template <class T>
void MixtureBase<T>::add_log_scales(const Pass<T>& pass, Index e, const T* parts) const {
  if (fixed_) return;
  kernels<T>().add_column_sums(pass.rows, components_, parts, pass.rows,
                               pass.grad + log_scale_.offset + e * components_);
}

template <class T>
void MixtureBase<T>::end_backward(const Pass<T>& pass) const {
  const View<T> dmeans = pass.scratch_view(dmeans_);
  if (!fixed_) {
    kernels<T>().add_column_sums(pass.rows, components_, dweights(pass), pass.rows,
                                 pass.grad + logits_.offset);
    mean_.add_gradients(pass, input(pass), dmeans);
  }
  mean_.backward_input(pass, dmeans, dinput(pass), true);
}

template class MixtureBase<float>;
template class MixtureBase<double>;

}  // namespace nflow
