#pragma once

#include <memory>
#include <vector>

#include "bijectors/head.h"
#include "nets/conditioner.h"
#include "nets/linear.h"
#include "nflow/front.h"

namespace nflow {

/// Autoregressive softmax over the bins of columns that are cut into cells (MADE, Germain et al.
/// 2015; "Neural autoregressive distribution estimation", Uria et al. 2016): the logits of column j
/// are the log shares of its bins plus what a masked net reads from the context, and from the bins
/// of the columns before it, as indicators and, where they have an order, a score: by hidden
/// layers, and straight, as a logistic regression does. Formulas in kernels/classes.inc.h. Where
/// gradients follow, z is 0: it is not needed, and costs.
/// In place of the shares there may be a mixture of products (latent classes; Lazarsfeld and Henry,
/// "Latent structure analysis", 1968): with weights v and shares s_ck of component c,
///   log sum_c v_c(x_1, ..., x_{j-1}) s_ck,   v_c(x_1, ..., x_j) ~ v_c(x_1, ..., x_{j-1}) s_c,x_j
/// which is the mixture's own density of x_j given those before it. EM fits it at the start, and it
/// stays.
template <class T>
class Categorical final : public Head<T> {
 public:
  Categorical(const Front& front, Index context, Blueprint& blueprint);

  Index columns() const override { return static_cast<Index>(columns_.size()); }

  void forward(const Pass<T>& pass, View<const T> x, View<T> z, T* log_det) const override;
  void inverse(const Pass<T>& pass, View<const T> z, View<T> x, T* log_det) const override;
  void backward(const Pass<T>& pass, View<const T> x, View<const T> z, View<const T> dz,
                const T* dlog_det, View<T> dx) const override;

  // The columns one by one, by their bins: begin(), and for column 0, 1, ... logits() and show().
  void begin(const Pass<T>& pass) const;
  /// The logits of the bins of column j given those before it, without log_mass().
  View<const T> logits(const Pass<T>& pass, Index j) const;
  const std::vector<T>& log_mass(Index j) const { return columns_[j].log_mass; }
  /// What column j is, as columns behind it see it: `x` has one column of numbers bin + w.
  void show(const Pass<T>& pass, View<const T> x, Index j) const;

 private:
  struct Column {
    Index bins;
    Index first_logit, first_feature;
    std::vector<T> log_mass, scores;  // scores: empty where no bin has an order
  };

  ClassArgs<T> args(View<const T> h, const Column& column) const;
  /// Adds to the logits of column j what the mixture says of it, given the columns shown to it.
  void add_mixture(const Pass<T>& pass, Index j) const;
  void show_mixture(const Pass<T>& pass, View<const T> x, Index j) const;
  ClassMixtureArgs<T> mixture(const Pass<T>& pass, Index j) const;
  void show_features(const Pass<T>& pass, View<const T> x, Index j) const;
  /// Adds straight_'s part to the logits of columns [first, last).
  void add_straight(const Pass<T>& pass, Index first, Index last) const;

  Index context_, components_;
  std::vector<Column> columns_;
  std::unique_ptr<Conditioner<T>> net_;
  std::unique_ptr<Linear<T>> straight_;  // null where nothing is read, or too much
  Param weight_, share_;                 // of the mixture; none where there is one component
  Slot mixture_weight_;                  // tape: of each row, given the columns shown
  Slot h_, straight_h_;                  // tape: the logits, and the part of straight_
  Slot dinput_, dh_;                     // scratch
};

/// The numbers that others see of a column with such cells.
Index features_of(const Cells& cells);

}  // namespace nflow
