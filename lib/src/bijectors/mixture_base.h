#pragma once

#include <vector>

#include "nets/linear.h"

namespace nflow {

/// A Gaussian mixture over the columns of a link, those given before them, column by column: what
/// `mixture` maps by, and what `neural-mixture` begins from. Its parameters are logits, log_scale
/// and mean, as train/mixture_start.h fits them.
///   component k   x_e | x_<e ~ N(mean_ke, e^{-2 s_ke}),  mean_ke = m_ke + sum_{i<e} A_kei x_i
///   weights       softmax(a_e),  a_0 = logits,  a_{e+1} = a_e + s_e - y_e^2 / 2,
///                 y_ke = (x_e - mean_ke) e^{s_ke}
template <class T>
class MixtureBase {
 public:
  /// Over `given` columns of context and the D of the chain. Fixed, it takes no gradient.
  MixtureBase(Index components, bool fixed, Index given, Blueprint& blueprint);

  Index components() const { return components_; }  ///< K
  Index given() const { return given_; }
  Index columns() const { return all_; }  ///< E: given + D
  bool fixed() const { return fixed_; }

  /// The columns, which its owner fills.
  View<T> input(const Pass<T>& pass) const { return pass.tape_view(input_); }
  /// The given columns, and the weights before any column is known.
  void start(const Pass<T>& pass) const;
  /// The means of all columns, or of one, whose input columns before it are known.
  void place_all(const Pass<T>& pass) const;
  void place(const Pass<T>& pass, Index e) const;
  /// The weights a_e.
  T* weights(const Pass<T>& pass, Index e) const {
    return pass.tape_view(weights_).col(e * components_);
  }
  /// The kernel's view of column e; fills the scratch scales.
  MixtureArgs<T> column(const Pass<T>& pass, Index e) const;

  // Backward, from the last column to the first, and end_backward() behind them. Owners write the
  // slopes by the means and the input of each column, and turn those by the weights after a column
  // into those by the weights before it.
  void begin_backward(const Pass<T>& pass) const;
  T* dmeans(const Pass<T>& pass, Index e) const {
    return pass.scratch_view(dmeans_).col(e * components_);
  }
  T* dweights(const Pass<T>& pass) const { return pass.scratch_view(dweights_).data; }
  View<T> dinput(const Pass<T>& pass) const { return pass.scratch_view(dinput_); }
  /// `parts` are the rows' slopes by the log-scales of column e, n x K.
  void add_log_scales(const Pass<T>& pass, Index e, const T* parts) const;
  /// Completes dinput().
  void end_backward(const Pass<T>& pass) const;

 private:
  Index components_;
  bool fixed_;
  Index given_, all_;
  Param logits_, log_scale_;
  Linear<T> mean_;
  Slot input_, means_, weights_;             // tape
  Slot dinput_, dmeans_, dweights_, scale_;  // scratch
};

}  // namespace nflow
