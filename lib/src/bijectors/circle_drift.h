#pragma once

#include <Eigen/Core>
#include <vector>

#include "pass.h"

namespace nflow {

/// What drifts go by, in this order:
///   1
///   each context column c, within +-32, and cos(m c / 2), sin(m c / 2) for m = 1 .. waves
///   each circle x, in turns: cos(2 pi m x), sin(2 pi m x) for m = 1 .. waves
struct DriftFeatures {
  Index context = 0, waves = 0;

  Index of_context() const { return 1 + context * (1 + 2 * waves); }
  Index of_circle() const { return 2 * waves; }
  /// How many features the context and so many circles have.
  Index count(Index circles) const { return of_context() + circles * of_circle(); }

  template <class T>
  void fill_context(View<const T> context, View<T> features) const;
  /// The features of one circle from its cosine and sine.
  template <class T>
  void fill_circle(const T* cosine, const T* sine, View<T> features) const;
};

/// Where a circle stands in the mean given the circles before it and the context; what is left of
/// it is easier to learn, as it hardly depends on these:
///   drift_j = atan2(s, c) / (2 pi), (c, s) = W_j f, f the features before circle j
/// W is fitted to the rows at the start and stays as it is.
template <class T>
class CircleDrift {
 public:
  CircleDrift() = default;
  /// For circles that have `waves` or 0, one each.
  CircleDrift(const std::vector<Index>& waves, Index context, Blueprint& blueprint);

  bool moves(Index j) const { return !moves_.empty() && moves_[static_cast<std::size_t>(j)]; }

  void show_context(const Pass<T>& pass) const;
  void show_circle(const Pass<T>& pass, Index j, const T* cosine, const T* sine) const;
  /// turns += sign drift_j; needs what stands before to be shown.
  void add(const Pass<T>& pass, Index j, T sign, T* turns) const;

  /// First clear(), then pull() for each circle that moves, with dL/d(x_j - drift_j); then
  /// dL/d(circle i) by pull_of_circle(), which adds to dx, and that of the context, added to
  /// dcontext.
  void clear(const Pass<T>& pass) const;
  void pull(const Pass<T>& pass, Index j, const T* du) const;
  void pull_of_circle(const Pass<T>& pass, Index i, T* dx) const;
  void pull_of_context(const Pass<T>& pass, View<T> dcontext) const;

  /// Fits W_j to turns without their windings, one for each of the `live` first rows.
  void fit(const Pass<T>& pass, Index j, const T* turns, Index live, T* theta) const;

 private:
  bool any() const { return !moves_.empty(); }
  void point(const Pass<T>& pass, Index j, View<T> to) const;

  std::vector<bool> moves_;  // empty: none does
  DriftFeatures features_;
  Param weights_;      // two rows a circle: c and s
  Slot shown_;         // tape: features
  Slot pull_, point_;  // scratch: dL/dfeatures; c and s
};

}  // namespace nflow
