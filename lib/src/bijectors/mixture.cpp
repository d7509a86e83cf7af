#include "bijectors/bijector.h"
#include "bijectors/mixture_base.h"

namespace nflow {
namespace {

/// The Knothe-Rosenblatt map of a Gaussian mixture with K components (Rosenblatt, "Remarks on a
/// multivariate transformation", 1952): each column, given those before it, through its conditional
/// mixture's distribution function, and that of the standard normal backwards. Its density is the
/// mixture's, exactly; trained by expectation-maximisation before the rest of the chain
/// (train/mixture_fit.h), it lets training begin from the best mixture.
///   component k   x_j | x_<j ~ N(mean_kj, e^{-2 s_kj}), weights pi = softmax(a_j): MixtureBase
///   forward       z_j = Phi^-1(sum_k pi_k Phi(y_kj)),  y_kj = (x_j - mean_kj) e^{s_kj}
///   log_det       sum_j log sum_k pi_k e^{s_kj} phi(y_kj) - log phi(z_j)
///   inverse       column by column, a bracketed root a row
/// Unless told otherwise the first link's parameters stay as EM left them: by gradients a mixture
/// learns the rows of a small table by heart, while dropout holds back the nets behind it.
/// Context columns come first: they weigh the components and have no z.
template <class T>
class Mixture final : public Bijector<T> {
 public:
  Mixture(const LinkOptions& options, Blueprint& blueprint)
      : base_(options.components, options.fixed, blueprint.context(), blueprint),
        context_(blueprint.context()),
        columns_(blueprint.columns()),
        dlog_scale_(blueprint.scratch(options.components)) {}

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const View<T> input = base_.input(pass);
    base_.start(pass);
    copy<T>(x, input.columns(context_, columns_));
    base_.place_all(pass);
    for (Index e = 0; e < base_.columns(); ++e) {
      const MixtureArgs<T> m = base_.column(pass, e);
      const T* before = base_.weights(pass, e);
      T* after = base_.weights(pass, e + 1);
      if (e < context_) {
        kernels<T>().mixture_condition(m, input.col(e), before, after);
      } else {
        kernels<T>().mixture_forward(m, input.col(e), before, after, z.col(e - context_), log_det);
      }
    }
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const View<T> input = base_.input(pass);
    base_.start(pass);
    for (Index e = 0; e < base_.columns(); ++e) {
      base_.place(pass, e);
      const MixtureArgs<T> m = base_.column(pass, e);
      const T* before = base_.weights(pass, e);
      T* after = base_.weights(pass, e + 1);
      if (e < context_) {
        kernels<T>().mixture_condition(m, input.col(e), before, after);
        continue;
      }
      kernels<T>().mixture_inverse(m, z.col(e - context_), before, after, x.col(e - context_),
                                   log_det);
      copy<T>(x.columns(e - context_, 1), input.columns(e, 1));
    }
  }

  void backward(const Pass<T>& pass, View<const T>, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const View<T> input = base_.input(pass), dinput = base_.dinput(pass);
    T* dlog_scale = pass.scratch_view(dlog_scale_).data;
    base_.begin_backward(pass);
    for (Index e = base_.columns(); e-- > 0;) {
      const Index j = e - context_;
      const MixtureGradients<T> g{j >= 0 ? dz.col(j) : nullptr, dlog_det,
                                  base_.dweights(pass),         dlog_scale,
                                  base_.dmeans(pass, e),        dinput.col(e)};
      kernels<T>().mixture_backward(base_.column(pass, e), g, input.col(e),
                                    j >= 0 ? z.col(j) : nullptr, base_.weights(pass, e));
      base_.add_log_scales(pass, e, dlog_scale);
    }
    base_.end_backward(pass);
    copy<T>(dinput.columns(context_, columns_), dx);
    add<T>(dinput.columns(0, pass.dcontext.cols), pass.dcontext);
  }

 private:
  MixtureBase<T> base_;
  Index context_, columns_;
  Slot dlog_scale_;  // scratch
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
