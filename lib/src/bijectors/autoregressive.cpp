#include "bijectors/bijector.h"
#include "nets/conditioner.h"
#include "univariate/univariate.h"

namespace nflow {
namespace {

/// Masked autoregressive map (Papamakarios et al., "Masked Autoregressive Flow", 2017): column j
/// passes through a univariate map whose parameters a masked net reads from the columns before it
/// and the context.
///   forward   z_j = g(x_j; h_j(x_1 .. x_{j-1}, context)), all j at once
///   log_det   sum over j of log g'(x_j; h_j)
///   inverse   x_1, then x_2, ...: each hidden unit is computed once, when its last input is known,
///             so the whole inverse costs one forward pass of arithmetic and not D of them
template <class T>
class MaskedAutoregressive final : public Bijector<T> {
 public:
  MaskedAutoregressive(std::unique_ptr<Univariate<T>> univariate, const LinkOptions& options,
                       Blueprint& blueprint)
      : columns_(blueprint.columns()),
        context_(blueprint.context()),
        univariate_(std::move(univariate)) {
    const Autoregressive masked{context_, columns_, univariate_->size(), 1, {}, {}};
    input_ = blueprint.tape(context_ + columns_);
    h_ = blueprint.tape(columns_ * univariate_->size());
    dinput_ = blueprint.scratch(context_ + columns_);
    dh_ = blueprint.scratch(columns_ * univariate_->size());
    net_ = make_conditioner<T>(context_ + columns_, columns_ * univariate_->size(), options,
                               blueprint, &masked);
  }

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    const View<T> input = pass.tape_view(input_), h = pass.tape_view(h_);
    copy<T>(pass.context, input.columns(0, context_));
    copy<T>(x, input.columns(context_, columns_));
    net_->forward(pass, input, h);
    for (Index j = 0; j < columns_; ++j) {
      univariate_->forward(parameters(h, j), x.col(j), z.col(j), log_det);
    }
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    const View<T> input = pass.tape_view(input_), h = pass.tape_view(h_);
    copy<T>(pass.context, input.columns(0, context_));
    for (Index j = 0; j < columns_; ++j) {
      net_->advance(pass, input, h, j);
      univariate_->inverse(parameters(h, j), z.col(j), x.col(j), log_det);
      copy<T>(x.columns(j, 1), input.columns(context_ + j, 1));
    }
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T>, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const View<T> input = pass.tape_view(input_), dinput = pass.scratch_view(dinput_);
    const View<T> h = pass.tape_view(h_), dh = pass.scratch_view(dh_);
    for (Index j = 0; j < columns_; ++j) {
      univariate_->backward(parameters(h, j), x.col(j), dz.col(j), dlog_det, parameters(dh, j),
                            dx.col(j));
    }
    net_->backward(pass, input, dh, dinput);
    add<T>(dinput.columns(context_, columns_), dx);
    add<T>(dinput.columns(0, pass.dcontext.cols), pass.dcontext);
  }

 private:
  View<T> parameters(View<T> h, Index j) const {
    return h.columns(j * univariate_->size(), univariate_->size());
  }

  Index columns_, context_;
  std::unique_ptr<Univariate<T>> univariate_;
  std::unique_ptr<Conditioner<T>> net_;
  Slot input_, h_;    // tape: the net's input and output
  Slot dinput_, dh_;  // scratch
};

template <class T>
std::unique_ptr<Bijector<T>> make_maf(const LinkOptions& options, Blueprint& blueprint) {
  return std::make_unique<MaskedAutoregressive<T>>(make_affine<T>(options), options, blueprint);
}

template <class T>
std::unique_ptr<Bijector<T>> make_nsf(const LinkOptions& options, Blueprint& blueprint) {
  return std::make_unique<MaskedAutoregressive<T>>(make_rational_quadratic<T>(options), options,
                                                   blueprint);
}

}  // namespace

extern const FlowKind maf_kind;
const FlowKind maf_kind{"maf",
                        "masked autoregressive, shift and scale (Papamakarios et al. 2017)",
                        {"hidden", "net", "activation", "dropout"},
                        ContextUse::conditioner,
                        NFLOW_MAKERS(make_maf)};

extern const FlowKind nsf_autoregressive_kind;
const FlowKind nsf_autoregressive_kind{
    "nsf-ar",
    "masked autoregressive, rational-quadratic splines (Durkan et al. 2019)",
    {"bins", "tail-bound", "hidden", "net", "activation", "dropout"},
    ContextUse::conditioner,
    NFLOW_MAKERS(make_nsf)};

}  // namespace nflow
