#include "bijectors/coupling.h"

namespace nflow {

template <class T>
Coupling<T>::Coupling(Index first, Index count, std::unique_ptr<Univariate<T>> univariate,
                      const LinkOptions& options, Blueprint& blueprint)
    : first_(first),
      count_(count),
      rest_first_(first == 0 ? count : 0),
      rest_(blueprint.columns() - count),
      context_(blueprint.context()),
      univariate_(std::move(univariate)) {
  input_ = blueprint.tape(context_ + rest_);
  h_ = blueprint.tape(count_ * univariate_->size());
  dinput_ = blueprint.scratch(context_ + rest_);
  dh_ = blueprint.scratch(count_ * univariate_->size());
  net_ = make_conditioner<T>(context_ + rest_, count_ * univariate_->size(), options, blueprint);
}

template <class T>
View<T> Coupling<T>::condition(const Pass<T>& pass, View<const T> from, View<T> to) const {
  const View<T> input = pass.tape_view(input_), h = pass.tape_view(h_);
  const View<const T> rest = from.columns(rest_first_, rest_);
  copy<T>(rest, to.columns(rest_first_, rest_));
  copy<T>(pass.context, input.columns(0, context_));
  copy<T>(rest, input.columns(context_, rest_));
  net_->forward(pass, input, h);
  return h;
}

template <class T>
void Coupling<T>::forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const {
  const View<T> h = condition(pass, x, z);
  for (Index j = 0; j < count_; ++j) {
    univariate_->forward(parameters(h, j), x.col(first_ + j), z.col(first_ + j), log_det);
  }
}

template <class T>
void Coupling<T>::inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const {
  const View<T> h = condition(pass, z, x);
  for (Index j = 0; j < count_; ++j) {
    univariate_->inverse(parameters(h, j), z.col(first_ + j), x.col(first_ + j), log_det);
  }
}

template <class T>
void Coupling<T>::backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T> dz,
                           const T* dlog_det, View<T> dx) const {
  const View<T> h = pass.tape_view(h_), dh = pass.scratch_view(dh_);
  const View<T> input = pass.tape_view(input_), dinput = pass.scratch_view(dinput_);
  for (Index j = 0; j < count_; ++j) {
    univariate_->backward(parameters(h, j), x.col(first_ + j), dz.col(first_ + j), dlog_det,
                          parameters(dh, j), dx.col(first_ + j));
  }
  net_->backward(pass, input, dh, dinput);
  const View<T> dx_rest = dx.columns(rest_first_, rest_);
  copy<T>(dz.columns(rest_first_, rest_), dx_rest);
  add<T>(dinput.columns(context_, rest_), dx_rest);
  add<T>(dinput.columns(0, pass.dcontext.cols), pass.dcontext);
}

template class Coupling<float>;
template class Coupling<double>;

namespace {

/// Couplings of a chain take turns: each transforms the larger half, at the end or at the start.
template <class T>
std::unique_ptr<Bijector<T>> make_half(std::unique_ptr<Univariate<T>> univariate,
                                       const LinkOptions& options, Blueprint& blueprint) {
  const Index rest = blueprint.columns() / 2;
  const Index first = blueprint.next_coupling() % 2 == 0 ? rest : 0;
  return std::make_unique<Coupling<T>>(first, blueprint.columns() - rest, std::move(univariate),
                                       options, blueprint);
}

template <class T>
std::unique_ptr<Bijector<T>> make_realnvp(const LinkOptions& options, Blueprint& blueprint) {
  return make_half<T>(make_affine<T>(options), options, blueprint);
}

template <class T>
std::unique_ptr<Bijector<T>> make_nsf_coupling(const LinkOptions& options, Blueprint& blueprint) {
  return make_half<T>(make_rational_quadratic<T>(options), options, blueprint);
}

}  // namespace

template <class T>
std::unique_ptr<Bijector<T>> make_context_shift_scale(Blueprint& blueprint) {
  LinkOptions options;
  options.net = NetKind::mlp;
  options.hidden = {64, 64};
  return std::make_unique<Coupling<T>>(0, blueprint.columns(), make_affine<T>(options), options,
                                       blueprint);
}
template std::unique_ptr<Bijector<float>> make_context_shift_scale(Blueprint&);
template std::unique_ptr<Bijector<double>> make_context_shift_scale(Blueprint&);

extern const FlowKind realnvp_kind;
const FlowKind realnvp_kind{"realnvp",
                            "coupling by shift and scale (Dinh et al. 2017)",
                            {"hidden", "net", "activation", "dropout"},
                            ContextUse::conditioner,
                            NFLOW_MAKERS(make_realnvp)};

extern const FlowKind nsf_coupling_kind;
const FlowKind nsf_coupling_kind{"nsf-cl",
                                 "coupling by rational-quadratic splines (Durkan et al. 2019)",
                                 {"bins", "tail-bound", "hidden", "net", "activation", "dropout"},
                                 ContextUse::conditioner,
                                 NFLOW_MAKERS(make_nsf_coupling)};

}  // namespace nflow
