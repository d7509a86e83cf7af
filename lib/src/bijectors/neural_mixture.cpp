#include <algorithm>
#include <cmath>

#include "bijectors/bijector.h"
#include "bijectors/mixture_base.h"
#include "nets/conditioner.h"

namespace nflow {
namespace {

/// A mixture density network of each column given those before it (Bishop, "Mixture density
/// networks", 1994; Germain et al., "MADE", 2015), begun at a Gaussian mixture: the `mixture`
/// link's conditional densities are its base, and a masked net that starts at 0 changes their
/// weights, means and scales row by row. Fitted by expectation-maximisation as the first link
/// (train/mixture_start.h), training begins from the best mixture and bends it.
///   forward   z_j = Phi^-1(sum_k w_kj Phi(y_kj)),  w_j = softmax(a_j + b_j),
///             y_kj = ((x_j - mean_kj) e^{l_kj} - d_kj) e^{s_kj - l_kj}
///             with a, mean and l of the base given x_<j, b, d and s of the net given x_<j and
///             the context: kernels/neural_mixture.inc.h
///   log_det   sum_j log sum_k w_kj e^{s_kj} phi(y_kj) - log phi(z_j)
///   inverse   column by column, a bracketed root a row
/// With several fits the density of a column, given those before it, is the mean of as many: each
/// has a base and a net of its own. Where log p alone is asked for, no Phi is computed, and in
/// training log_det is then the mean of the fits' logarithms, a lower bound of the logarithm of
/// their mean: each fit learns the rows by itself, and what they learn by chance cancels out
/// (Lakshminarayanan et al., "Deep ensembles", 2017).
/// To each fit's mixture of a column belongs a tail that no net changes: a wide normal distribution
/// of the weight that half a row has, so that a row unlike those seen is unlikely and not
/// impossible.
/// Context columns that are numbers come first in the base: they weigh the components.
template <class T>
class NeuralMixture final : public Bijector<T> {
 public:
  NeuralMixture(const LinkOptions& options, Blueprint& blueprint)
      : base_(options.components, options.fixed, blueprint.numbers(), blueprint),
        components_(options.components),
        own_(options.components + std::min(options.fits, options.components)),
        context_(blueprint.context()),
        columns_(blueprint.columns()),
        tail_logit_(blueprint.param("tail_logit", 1, 1, Start::constant(-7))),
        tail_log_scale_(blueprint.param("tail_log_scale", 1, columns_, Start::constant(-0.7))),
        input_(blueprint.tape(context_ + columns_)),
        own_a_(blueprint.tape(columns_ * own_)),
        own_mean_(blueprint.tape(columns_ * own_)),
        own_log_scale_(blueprint.tape(columns_ * own_)),
        own_scale_(blueprint.tape(columns_ * own_)),
        dinput_(blueprint.scratch(context_ + columns_)),
        dnet_input_(blueprint.scratch(context_ + columns_)),
        down_(blueprint.scratch(3 * own_)),
        dbase_(blueprint.scratch(3 * components_)),
        sums_(blueprint.scratch(own_ + 1)) {
    const Index fits = std::min(options.fits, components_);
    for (Index f = 0, first = 0; f < fits; ++f) {
      const Index count = (components_ - first) / (fits - f);  // as MixtureFit shares them out
      const Index outputs = columns_ * 3 * count;
      const Autoregressive masked{context_, columns_, 3 * count, 1, {}, {}};
      if (fits > 1) blueprint.enter("fit" + std::to_string(f + 1));
      fits_.push_back(
          {first, first + f, count, blueprint.tape(outputs), blueprint.scratch(outputs),
           make_conditioner<T>(context_ + columns_, outputs, options, blueprint, &masked)});
      if (fits > 1) blueprint.leave();
      first += count;
    }
  }

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const View<T> input = start(pass);
    show(x, input.columns(context_, columns_));
    copy<T>(x, base_.input(pass).columns(base_.given(), columns_));
    base_.place_all(pass);
    for (Index e = 0; e + 1 < base_.columns(); ++e) go_on(pass, e);
    for (const Fit& fit : fits_) fit.net->forward(pass, input, pass.tape_view(fit.h));
    for (Index j = 0; j < columns_; ++j) {
      place(pass, j);
      if (pass.density_alone) {
        std::fill_n(z.col(j), z.rows, T(0));
        add_density(pass, j, x.col(j), log_det);
      } else {
        kernels<T>().mixture_forward(own_column(pass, j), x.col(j), own(pass, j).a, nullptr,
                                     z.col(j), log_det);
      }
    }
  }

  void initialize(const Pass<T>& pass, T* theta, View<const T> x, Index live) const override {
    const View<T> input = pass.tape_view(input_);
    show(pass.context, input.columns(0, context_));
    show(x, input.columns(context_, columns_));
    for (const Fit& fit : fits_) fit.net->initialize(theta, input, live);
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const View<T> input = start(pass);
    for (Index e = 0; e < base_.columns(); ++e) {
      const Index j = e - base_.given();
      base_.place(pass, e);
      if (j >= 0) {
        for (const Fit& fit : fits_) fit.net->advance(pass, input, pass.tape_view(fit.h), j);
        place(pass, j);
        kernels<T>().mixture_inverse(own_column(pass, j), z.col(j), own(pass, j).a, nullptr,
                                     x.col(j), log_det);
        show(x.columns(j, 1), input.columns(context_ + j, 1));
        copy<T>(x.columns(j, 1), base_.input(pass).columns(e, 1));
      }
      if (e + 1 < base_.columns()) go_on(pass, e);
    }
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    base_.begin_backward(pass);
    for (Index e = base_.columns(); e-- > 0;) {
      const Index j = e - base_.given();
      backward_go_on(pass, e);
      if (j < 0) continue;
      backward_column(pass, j, x.col(j), z.col(j), dz.col(j), dlog_det, dx.col(j));
      add_to_base(pass, e);
    }
    base_.end_backward(pass);
    add<T>(base_.dinput(pass).columns(base_.given(), columns_), dx);
    backward_nets(pass, dx);
  }

 private:
  /// One of those that are averaged: its components, and its net. Behind the components stands the
  /// tail, where the rows' own mixture is meant.
  struct Fit {
    Index first, own, count;
    Slot h, dh;  // of all columns
    std::unique_ptr<Conditioner<T>> net;
  };

  /// The context, and the base's weights before any column is known. Returns the nets' input.
  View<T> start(const Pass<T>& pass) const {
    const View<T> input = pass.tape_view(input_);
    show(pass.context, input.columns(0, context_));
    base_.start(pass);
    return input;
  }
  /// What the nets see: numbers further out than any row they learned from tell them no more.
  static void show(View<const T> from, View<T> to) {
    for (Index j = 0; j < from.cols; ++j) {
      const T* x = from.col(j);
      for (Index r = 0; r < from.rows; ++r) to.col(j)[r] = std::clamp(x[r], -kFurthest, kFurthest);
    }
  }
  static void hide_far(View<const T> seen, View<T> slopes) {
    for (Index i = 0; i < seen.size(); ++i) {
      if (std::fabs(seen.data[i]) == kFurthest) slopes.data[i] = 0;
    }
  }
  /// The base's weights given column e too.
  void go_on(const Pass<T>& pass, Index e) const {
    kernels<T>().mixture_condition(base_.column(pass, e), base_.input(pass).col(e),
                                   base_.weights(pass, e), base_.weights(pass, e + 1));
  }
  /// The rows' own mixture of column j, tails included, from its component `first` on.
  OwnMixture<T> own(const Pass<T>& pass, Index j, Index first = 0) const {
    const auto at = [&](Slot slot) { return pass.tape_view(slot).col(j * own_ + first); };
    return {at(own_a_), at(own_mean_), at(own_log_scale_), at(own_scale_)};
  }
  MixtureArgs<T> own_column(const Pass<T>& pass, Index j) const {
    return own_part(pass, j, 0, own_);
  }
  MixtureArgs<T> own_part(const Pass<T>& pass, Index j, Index first, Index count) const {
    const OwnMixture<T> o = own(pass, j, first);
    return {pass.rows, count, o.mean, pass.rows, o.scale, o.log_scale, true};
  }
  /// What the kernel makes the rows' own mixture of column j from.
  NeuralMixtureArgs<T> net_part(const Pass<T>& pass, Index j, const Fit& fit) const {
    const Index e = base_.given() + j;
    MixtureArgs<T> base = base_.column(pass, e);
    base.components = fit.count;
    base.mean += fit.first * base.stride;
    base.scale += fit.first;
    base.log_scale += fit.first;
    return {base, base_.weights(pass, e) + fit.first * base.stride,
            pass.tape_view(fit.h).col(j * 3 * fit.count), kLogScaleBound, share(pass)};
  }
  T fit_share() const { return T(1) / static_cast<T>(fits_.size()); }
  T tail_share(const Pass<T>& pass) const {
    return fit_share() / (1 + std::exp(-pass.theta[tail_logit_.offset]));
  }
  /// The weight of a fit's components together, its tail left out.
  T share(const Pass<T>& pass) const {
    return fit_share() / (1 + std::exp(pass.theta[tail_logit_.offset]));
  }

  void place(const Pass<T>& pass, Index j) const {
    const T tail = std::log(tail_share(pass)), s = pass.theta[tail_log_scale_.offset + j];
    for (const Fit& fit : fits_) {
      kernels<T>().neural_mixture(net_part(pass, j, fit), own(pass, j, fit.own));
      const OwnMixture<T> last = own(pass, j, fit.own + fit.count);
      std::fill_n(last.a, pass.rows, tail);
      std::fill_n(last.mean, pass.rows, T(0));
      std::fill_n(last.log_scale, pass.rows, s);
      std::fill_n(last.scale, pass.rows, std::exp(s));
    }
  }

  /// Calls body(mixture, first component, factor) for the densities whose logarithms, by their
  /// factors, make log p: that of all fits, or in training of each.
  template <class Body>
  void each_density(const Pass<T>& pass, Index j, const Body& body) const {
    if (!pass.training) {
      body(own_column(pass, j), 0, T(1));
      return;
    }
    for (const Fit& fit : fits_) {
      body(own_part(pass, j, fit.own, fit.count + 1), fit.own, fit_share());
    }
  }
  void add_density(const Pass<T>& pass, Index j, const T* x, T* log_det) const {
    const T lift =
        pass.training ? -std::log(fit_share()) : T(0);  // weights of each fit add up to 1
    each_density(pass, j, [&](const MixtureArgs<T>& m, Index first, T factor) {
      kernels<T>().mixture_density(m, factor, lift, x, own(pass, j, first).a, log_det);
    });
  }

  /// Slopes by the rows' own mixture of column j, by its input, and from there by the nets' outputs
  /// and by the base.
  void backward_column(const Pass<T>& pass, Index j, const T* x, const T* z, const T* dz,
                       const T* dlog_det, T* dx) const {
    const Kernels<T>& k = kernels<T>();
    const auto down = [&](Index first) {
      T* da = pass.scratch_view(down_).col(first);
      T* dmean = pass.scratch_view(down_).col(own_ + first);
      T* dlog_scale = pass.scratch_view(down_).col(2 * own_ + first);
      return MixtureGradients<T>{dz, dlog_det, da, dlog_scale, dmean, dx};
    };
    if (!pass.density_alone) {
      k.mixture_backward(own_column(pass, j), down(0), x, z, own(pass, j).a);
    } else {
      std::fill_n(dx, pass.rows, T(0));
      each_density(pass, j, [&](const MixtureArgs<T>& m, Index first, T factor) {
        k.mixture_density_backward(m, factor, down(first), x, own(pass, j, first).a);
      });
    }
    if (!base_.fixed()) add_tails(pass, j);
    const View<T> base = pass.scratch_view(dbase_);
    for (const Fit& fit : fits_) {
      const MixtureGradients<T> g = down(fit.own);
      k.neural_mixture_backward(
          net_part(pass, j, fit), own(pass, j, fit.own),
          {g.da, g.dmean, g.dlog_scale, base.col(fit.first), base.col(components_ + fit.first),
           base.col(2 * components_ + fit.first),
           pass.scratch_view(fit.dh).col(j * 3 * fit.count)});
    }
  }

  /// With e the tail's weight: its logit moves log e by 1 - e, and all other weights' by -e.
  void add_tails(const Pass<T>& pass, Index j) const {
    const View<T> down = pass.scratch_view(down_);
    T* sums =
        pass.scratch_view(sums_).data;  // of the weights' slopes, and then of the tail's scale
    std::fill_n(sums, own_ + 1, T(0));
    kernels<T>().add_column_sums(pass.rows, own_, down.data, down.stride, sums);
    const T e = tail_share(pass) / fit_share();
    T slope = 0;
    for (const Fit& fit : fits_) {
      const Index last = fit.own + fit.count;
      for (Index k = fit.own; k < last; ++k) slope -= e * sums[k];
      slope += (1 - e) * sums[last];
      kernels<T>().add_column_sums(pass.rows, 1, down.col(2 * own_ + last), down.stride,
                                   sums + own_);
    }
    pass.grad[tail_logit_.offset] += slope;
    pass.grad[tail_log_scale_.offset + j] += sums[own_];
  }

  /// Slopes by the base's weights after column e become those by its weights before, by its means
  /// and by its input.
  void backward_go_on(const Pass<T>& pass, Index e) const {
    T* dlog_scale = pass.scratch_view(down_).data;  // not in use yet
    T* dmeans = base_.dmeans(pass, e);
    T* dinput = base_.dinput(pass).col(e);
    if (e + 1 == base_.columns()) {  // nobody asks for the weights after the last
      std::fill_n(dmeans, components_ * pass.rows, T(0));
      std::fill_n(dinput, pass.rows, T(0));
      return;
    }
    const MixtureGradients<T> g{nullptr, nullptr, base_.dweights(pass), dlog_scale, dmeans, dinput};
    kernels<T>().mixture_backward(base_.column(pass, e), g, base_.input(pass).col(e), nullptr,
                                  base_.weights(pass, e));
    base_.add_log_scales(pass, e, dlog_scale);
  }
  /// Adds what backward_column() left for the base.
  void add_to_base(const Pass<T>& pass, Index e) const {
    const Index entries = components_ * pass.rows;
    const View<T> base = pass.scratch_view(dbase_);
    kernels<T>().add(entries, base.data, base_.dweights(pass));
    kernels<T>().add(entries, base.col(components_), base_.dmeans(pass, e));
    base_.add_log_scales(pass, e, base.col(2 * components_));
  }

  void backward_nets(const Pass<T>& pass, View<T> dx) const {
    const View<T> input = pass.tape_view(input_), dinput = pass.scratch_view(dinput_);
    const View<T> part = pass.scratch_view(dnet_input_);
    std::fill_n(dinput.data, dinput.size(), T(0));
    for (const Fit& fit : fits_) {
      fit.net->backward(pass, input, pass.scratch_view(fit.dh), part);
      add<T>(part, dinput);
    }
    hide_far(input, dinput);
    add<T>(dinput.columns(context_, columns_), dx);
    if (pass.dcontext.cols == 0) return;
    add<T>(base_.dinput(pass).columns(0, base_.given()), dinput.columns(0, base_.given()));
    add<T>(dinput.columns(0, pass.dcontext.cols), pass.dcontext);
  }

  static constexpr T kLogScaleBound = 5, kFurthest = 30;

  MixtureBase<T> base_;
  Index components_, own_, context_, columns_;
  Param tail_logit_, tail_log_scale_;
  Slot input_, own_a_, own_mean_, own_log_scale_, own_scale_;  // tape
  Slot dinput_, dnet_input_, down_, dbase_, sums_;             // scratch
  std::vector<Fit> fits_;
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions& options, Blueprint& blueprint) {
  return std::make_unique<NeuralMixture<T>>(options, blueprint);
}

}  // namespace

extern const FlowKind neural_mixture_kind;
const FlowKind neural_mixture_kind{
    "neural-mixture",
    "mixtures that a masked net bends row by row, fitted by EM when they come first",
    {"components", "fits", "fixed", "hidden", "net", "activation", "dropout", "ramps"},
    ContextUse::joint_conditioner,
    NFLOW_MAKERS(make)};

}  // namespace nflow
