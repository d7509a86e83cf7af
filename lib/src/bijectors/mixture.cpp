#include <algorithm>
#include <cmath>

#include "bijectors/bijector.h"
#include "nets/linear.h"

namespace nflow {
namespace {

/// The Knothe-Rosenblatt map of a Gaussian mixture with K components (Rosenblatt, "Remarks on a
/// multivariate transformation", 1952): each column, given those before it, through its conditional
/// mixture's distribution function, and that of the standard normal backwards. Its density is the
/// mixture's, exactly; trained by expectation-maximisation before the rest of the chain
/// (train/mixture_fit.h), it lets training begin from the best mixture.
///   component k   x_j | x_<j ~ N(mean_kj, e^{-2 s_kj}),  mean_kj = m_kj + sum_{i<j} A_kji x_i
///   forward       z_j = Phi^-1(sum_k pi_k Phi(y_kj)),  y_kj = (x_j - mean_kj) e^{s_kj},
///                 pi = softmax(a_j),  a_0 = logits,  a_{j+1} = a_j + s_j - y_j^2 / 2
///   log_det       sum_j log sum_k pi_k e^{s_kj} phi(y_kj) - log phi(z_j)
///   inverse       column by column, a bracketed root a row
/// Unless told otherwise the first link's parameters stay as EM left them: by gradients a mixture
/// learns the rows of a small table by heart, while dropout holds back the nets behind it.
/// Context columns come first: they weigh the components and have no z.
template <class T>
class Mixture final : public Bijector<T> {
 public:
  Mixture(const LinkOptions& options, Blueprint& blueprint)
      : components_(options.components),
        fixed_(options.fixed),
        context_(blueprint.context()),
        columns_(blueprint.columns()),
        all_(context_ + columns_),
        logits_(blueprint.param("logits", 1, components_, Start::normal(0.1))),
        log_scale_(blueprint.param("log_scale", all_, components_, Start::constant(0))),
        mean_(all_, all_ * components_, "mean", Linear<T>::First::coefficients, blueprint, reach()),
        input_(blueprint.tape(all_)),
        means_(blueprint.tape(all_ * components_)),
        weights_(blueprint.tape((all_ + 1) * components_)),
        dinput_(blueprint.scratch(all_)),
        dmeans_(blueprint.scratch(all_ * components_)),
        dweights_(blueprint.scratch(components_)),
        dlog_scale_(blueprint.scratch(components_)),
        scale_(blueprint.scratch(components_)) {}

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const View<T> input = pass.tape_view(input_);
    start(pass);
    copy<T>(pass.context, input.columns(0, context_));
    copy<T>(x, input.columns(context_, columns_));
    mean_.forward(pass, input, pass.tape_view(means_));
    for (Index e = 0; e < all_; ++e) {
      const MixtureArgs<T> m = column(pass, e);
      T* after = weights(pass, e + 1);
      if (e < context_) {
        kernels<T>().mixture_condition(m, input.col(e), weights(pass, e), after);
      } else {
        kernels<T>().mixture_forward(m, input.col(e), weights(pass, e), after, z.col(e - context_),
                                     log_det);
      }
    }
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const View<T> input = pass.tape_view(input_);
    start(pass);
    copy<T>(pass.context, input.columns(0, context_));
    for (Index e = 0; e < all_; ++e) {
      mean_.forward(pass, input, pass.tape_view(means_), e * components_, (e + 1) * components_);
      const MixtureArgs<T> m = column(pass, e);
      T* after = weights(pass, e + 1);
      if (e < context_) {
        kernels<T>().mixture_condition(m, input.col(e), weights(pass, e), after);
        continue;
      }
      kernels<T>().mixture_inverse(m, z.col(e - context_), weights(pass, e), after,
                                   x.col(e - context_), log_det);
      copy<T>(x.columns(e - context_, 1), input.columns(e, 1));
    }
  }

  void backward(const Pass<T>& pass, View<const T>, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const Kernels<T>& k = kernels<T>();
    const View<T> input = pass.tape_view(input_), dinput = pass.scratch_view(dinput_);
    const View<T> dmeans = pass.scratch_view(dmeans_), dlog_scale = pass.scratch_view(dlog_scale_);
    const View<T> dweights = pass.scratch_view(dweights_);
    std::fill_n(dweights.data, dweights.size(), T(0));
    for (Index e = all_; e-- > 0;) {
      const Index j = e - context_;
      const MixtureGradients<T> g{
          j >= 0 ? dz.col(j) : nullptr, dlog_det,     dweights.data, dlog_scale.data,
          dmeans.col(e * components_),  dinput.col(e)};
      k.mixture_backward(column(pass, e), g, input.col(e), j >= 0 ? z.col(j) : nullptr,
                         weights(pass, e));
      if (fixed_) continue;
      k.add_column_sums(pass.rows, components_, dlog_scale.data, dlog_scale.stride,
                        pass.grad + log_scale_.offset + e * components_);
    }
    if (!fixed_) {
      k.add_column_sums(pass.rows, components_, dweights.data, dweights.stride,
                        pass.grad + logits_.offset);
      mean_.add_gradients(pass, input, dmeans);
    }
    mean_.backward_input(pass, dmeans, dinput, true);
    copy<T>(dinput.columns(context_, columns_), dx);
    add<T>(dinput.columns(0, pass.dcontext.cols), pass.dcontext);
  }

 private:
  /// Means of column e read the e columns before it.
  std::vector<Index> reach() const {
    std::vector<Index> reach;
    for (Index e = 0; e < all_; ++e) reach.insert(reach.end(), components_, e);
    return reach;
  }

  /// The weights before any column is known.
  void start(const Pass<T>& pass) const {
    const T* logits = pass.theta + logits_.offset;
    const T top = *std::max_element(logits, logits + components_);
    const View<T> first = pass.tape_view(weights_).columns(0, components_);
    for (Index k = 0; k < components_; ++k) {
      std::fill_n(first.col(k), first.rows, logits[k] - top);
    }
  }
  T* weights(const Pass<T>& pass, Index e) const {
    return pass.tape_view(weights_).col(e * components_);
  }
  /// The kernel's view of column e; fills the scratch scales.
  MixtureArgs<T> column(const Pass<T>& pass, Index e) const {
    const T* log_scale = pass.theta + log_scale_.offset + e * components_;
    T* scale = pass.scratch_view(scale_).data;
    for (Index k = 0; k < components_; ++k) scale[k] = std::exp(log_scale[k]);
    const View<T> means = pass.tape_view(means_);
    return {pass.rows, components_, means.col(e * components_), means.stride, scale, log_scale};
  }

  Index components_;
  bool fixed_;
  Index context_, columns_, all_;
  Param logits_, log_scale_;
  Linear<T> mean_;
  Slot input_, means_, weights_;                          // tape
  Slot dinput_, dmeans_, dweights_, dlog_scale_, scale_;  // scratch
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions& options, Blueprint& blueprint) {
  return std::make_unique<Mixture<T>>(options, blueprint);
}

}  // namespace

extern const FlowKind mixture_kind;
const FlowKind mixture_kind{"mixture",
                            "the map of a Gaussian mixture, fitted by EM when it comes first",
                            {"components", "fits", "fixed"},
                            ContextUse::joint,
                            NFLOW_MAKERS(make)};

}  // namespace nflow
