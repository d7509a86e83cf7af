#include "bijectors/categorical.h"

#include "kernels/kernels.h"

namespace nflow {
namespace {

/// Weights of the straight connections, at most: they grow with the square of all bins, and where
/// they would be more the hidden layers do without.
constexpr Index kMostStraight = Index{1} << 22;

}  // namespace

Index features_of(const Cells& cells) { return cells.bins() + (cells.scores().empty() ? 0 : 1); }

template <class T>
Categorical<T>::Categorical(const Front& front, Index context, Blueprint& blueprint)
    : context_(context), components_(front.cell_net.components) {
  Autoregressive masked{context, static_cast<Index>(front.cells.size()), 0, 1, {}, {}};
  Index inputs = context, outputs = 0;
  for (const auto& cells : front.cells) {
    std::vector<double> mass = cells->log_mass();
    const std::vector<double> scores = cells->scores();
    if (components_ > 1) std::fill(mass.begin(), mass.end(), 0);
    columns_.push_back({cells->bins(),
                        outputs,
                        inputs,
                        {mass.begin(), mass.end()},
                        {scores.begin(), scores.end()}});
    masked.widths.push_back(features_of(*cells));
    masked.sizes.push_back(cells->bins());
    inputs += masked.widths.back();
    outputs += cells->bins();
  }
  if (components_ > 1) {
    weight_ = blueprint.param("mixture.weight", 1, components_, Start::constant(1));
    share_ = blueprint.param("mixture.share", components_, outputs, Start::constant(1));
    mixture_weight_ = blueprint.tape(components_);
  }
  this->given_ = blueprint.tape(inputs);
  h_ = blueprint.tape(outputs);
  this->dgiven_ = blueprint.scratch(inputs);
  dinput_ = blueprint.scratch(inputs);
  dh_ = blueprint.scratch(outputs);
  net_ = make_conditioner<T>(inputs, outputs, front.cell_net.net, blueprint, &masked);
  if ((context == 0 && columns_.size() == 1) || inputs * outputs > kMostStraight) return;
  std::vector<Index> reach;
  for (const Column& column : columns_) {
    reach.insert(reach.end(), column.bins, column.first_feature);
  }
  straight_h_ = blueprint.tape(outputs);
  straight_ = std::make_unique<Linear<T>>(inputs, outputs, "straight", Linear<T>::First::zero,
                                          blueprint, std::move(reach));
}

template <class T>
void Categorical<T>::add_straight(const Pass<T>& pass, Index first, Index last) const {
  if (!straight_) return;
  const View<T> h = pass.tape_view(h_), own = pass.tape_view(straight_h_);
  const Index begin = columns_[first].first_logit;
  const Index end = columns_[last - 1].first_logit + columns_[last - 1].bins;
  straight_->forward(pass, this->given(pass), own, begin, end);
  add<T>(own.columns(begin, end - begin), h.columns(begin, end - begin));
}

template <class T>
ClassArgs<T> Categorical<T>::args(View<const T> h, const Column& column) const {
  return {h.rows, column.bins, h.col(column.first_logit), h.stride, column.log_mass.data()};
}

template <class T>
ClassMixtureArgs<T> Categorical<T>::mixture(const Pass<T>& pass, Index j) const {
  const View<T> weight = pass.tape_view(mixture_weight_);
  return {pass.rows,    columns_[j].bins,
          components_,  pass.theta + share_.offset + columns_[j].first_logit,
          share_.cols,  weight.data,
          weight.stride};
}

template <class T>
void Categorical<T>::add_mixture(const Pass<T>& pass, Index j) const {
  if (components_ == 1) return;
  const View<T> h = pass.tape_view(h_);
  kernels<T>().class_mixture(mixture(pass, j), h.col(columns_[j].first_logit), h.stride);
}

template <class T>
void Categorical<T>::show_mixture(const Pass<T>& pass, View<const T> x, Index j) const {
  if (components_ > 1) kernels<T>().class_mixture_given(mixture(pass, j), x.col(0));
}

template <class T>
void Categorical<T>::begin(const Pass<T>& pass) const {
  copy<T>(pass.context, this->given(pass).columns(0, context_));
  if (components_ == 1) return;
  const View<T> weight = pass.tape_view(mixture_weight_);
  for (Index c = 0; c < components_; ++c) {
    std::fill_n(weight.col(c), weight.rows, pass.theta[weight_.offset + c]);
  }
}

template <class T>
View<const T> Categorical<T>::logits(const Pass<T>& pass, Index j) const {
  const View<T> h = pass.tape_view(h_);
  net_->advance(pass, this->given(pass), h, j);
  add_straight(pass, j, j + 1);
  add_mixture(pass, j);
  return View<T>(h).columns(columns_[j].first_logit, columns_[j].bins);
}

template <class T>
void Categorical<T>::show(const Pass<T>& pass, View<const T> x, Index j) const {
  show_features(pass, x, j);
  show_mixture(pass, x, j);
}

template <class T>
void Categorical<T>::show_features(const Pass<T>& pass, View<const T> x, Index j) const {
  const Column& column = columns_[j];
  const View<T> given = this->given(pass);
  const T* scores = column.scores.empty() ? nullptr : column.scores.data();
  kernels<T>().class_features(x.rows, column.bins, scores, x.col(0),
                              given.col(column.first_feature), given.stride);
}

template <class T>
void Categorical<T>::forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const {
  const View<T> in = this->given(pass), h = pass.tape_view(h_);
  begin(pass);
  for (Index j = 0; j < columns(); ++j) show_features(pass, x.columns(j, 1), j);
  net_->forward(pass, in, h);
  add_straight(pass, 0, columns());
  for (Index j = 0; j < columns(); ++j) {
    add_mixture(pass, j);
    show_mixture(pass, x.columns(j, 1), j);
    if (pass.training) std::fill_n(z.col(j), z.rows, T(0));
    kernels<T>().class_forward(args(h, columns_[j]), x.col(j), pass.training ? nullptr : z.col(j),
                               log_det);
  }
}

template <class T>
void Categorical<T>::inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const {
  begin(pass);
  for (Index j = 0; j < columns(); ++j) {
    logits(pass, j);
    kernels<T>().class_inverse(args(pass.tape_view(h_), columns_[j]), z.col(j), x.col(j), log_det);
    show(pass, x.columns(j, 1), j);
  }
}

template <class T>
void Categorical<T>::backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T>,
                              const T* dlog_det, View<T> dx) const {
  const View<T> in = this->given(pass), din = pass.scratch_view(dinput_), sum = this->dgiven(pass);
  const View<T> h = pass.tape_view(h_), dh = pass.scratch_view(dh_);
  for (Index j = 0; j < columns(); ++j) {
    kernels<T>().class_backward(args(h, columns_[j]), x.col(j), dlog_det,
                                dh.col(columns_[j].first_logit));
    std::fill_n(dx.col(j), dx.rows, T(0));
  }
  net_->backward(pass, in, dh, din);
  if (straight_) straight_->backward(pass, in, dh, din, true);
  add<T>(din, sum);
  add<T>(sum.columns(0, pass.dcontext.cols), pass.dcontext);
}

template class Categorical<float>;
template class Categorical<double>;

}  // namespace nflow
