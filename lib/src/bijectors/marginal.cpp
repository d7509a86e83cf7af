#include <algorithm>
#include <cmath>

#include "bijectors/bijector.h"

namespace nflow {
namespace {

/// Marginal Gaussianisation (Chen and Gopinath, "Gaussianization", 2000): each column by itself
/// through the distribution function of a mixture of K normals and that of the standard normal
/// backwards. Fitted by expectation-maximisation before training (train/mixture_start.h), it takes
/// skewness, heavy tails and several modes out of the columns, and leaves to the links behind it
/// how columns depend on each other.
///   forward   z_j = Phi^-1(sum_k pi_jk Phi(y_jk)),  y_jk = (x_j - m_jk) e^{s_jk},
///             pi_j = softmax(logits_j)
///   log_det   sum_j log sum_k pi_jk e^{s_jk} phi(y_jk) - log phi(z_j)
///   inverse   a bracketed root a row and column
/// The kernels are those of the `mixture` link, of one column each.
template <class T>
class Marginal final : public Bijector<T> {
 public:
  Marginal(const LinkOptions& options, Blueprint& blueprint)
      : components_(options.components),
        fixed_(options.fixed),
        columns_(blueprint.columns()),
        logits_(blueprint.param("logits", columns_, components_, Start::normal(0.1))),
        log_scale_(blueprint.param("log_scale", columns_, components_, Start::constant(0))),
        mean_(blueprint.param("mean", columns_, components_, Start::normal(1))),
        weights_(blueprint.scratch(components_)),
        means_(blueprint.scratch(components_)),
        scale_(blueprint.scratch(components_)),
        unused_(blueprint.scratch(components_)),
        dmeans_(blueprint.scratch(components_)),
        dlog_scale_(blueprint.scratch(components_)) {}

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override {
    for (Index j = 0; j < columns_; ++j) {
      kernels<T>().mixture_forward(column(pass, j), x.col(j), pass.scratch_view(weights_).data,
                                   pass.scratch_view(unused_).data, z.col(j), log_det);
    }
  }

  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override {
    for (Index j = 0; j < columns_; ++j) {
      kernels<T>().mixture_inverse(column(pass, j), z.col(j), pass.scratch_view(weights_).data,
                                   pass.scratch_view(unused_).data, x.col(j), log_det);
    }
  }

  void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override {
    const Kernels<T>& k = kernels<T>();
    const View<T> dweights = pass.scratch_view(unused_), dmeans = pass.scratch_view(dmeans_),
                  dlog_scale = pass.scratch_view(dlog_scale_);
    for (Index j = 0; j < columns_; ++j) {
      std::fill_n(dweights.data, dweights.size(), T(0));
      const MixtureGradients<T> g{dz.col(j),       dlog_det,    dweights.data,
                                  dlog_scale.data, dmeans.data, dx.col(j)};
      k.mixture_backward(column(pass, j), g, x.col(j), z.col(j), pass.scratch_view(weights_).data);
      if (fixed_) continue;
      const auto add = [&](View<T> gradients, Param to) {
        k.add_column_sums(pass.rows, components_, gradients.data, gradients.stride,
                          pass.grad + to.offset + j * components_);
      };
      add(dweights, logits_);
      add(dmeans, mean_);
      add(dlog_scale, log_scale_);
    }
  }

 private:
  /// The kernel's view of column j, whose weights and means are the same in all rows.
  MixtureArgs<T> column(const Pass<T>& pass, Index j) const {
    const View<T> weights = pass.scratch_view(weights_), means = pass.scratch_view(means_);
    const T* logits = pass.theta + logits_.offset + j * components_;
    const T* mean = pass.theta + mean_.offset + j * components_;
    const T* log_scale = pass.theta + log_scale_.offset + j * components_;
    T* scale = pass.scratch_view(scale_).data;
    const T top = *std::max_element(logits, logits + components_);
    for (Index k = 0; k < components_; ++k) {
      std::fill_n(weights.col(k), weights.rows, logits[k] - top);
      std::fill_n(means.col(k), means.rows, mean[k]);
      scale[k] = std::exp(log_scale[k]);
    }
    return {pass.rows, components_, means.data, means.stride, scale, log_scale};
  }

  Index components_;
  bool fixed_;
  Index columns_;
  Param logits_, log_scale_, mean_;
  Slot weights_, means_, scale_, unused_, dmeans_, dlog_scale_;  // scratch
};

template <class T>
std::unique_ptr<Bijector<T>> make(const LinkOptions& options, Blueprint& blueprint) {
  return std::make_unique<Marginal<T>>(options, blueprint);
}

}  // namespace

extern const FlowKind marginal_kind;
const FlowKind marginal_kind{"marginal",
                             "each column through a mixture of its own, fitted by EM as first link",
                             {"components", "fixed"},
                             ContextUse::shift_scale,
                             NFLOW_MAKERS(make)};

}  // namespace nflow
