#pragma once

#include <cstddef>
#include <vector>

namespace nflow {

/// A smooth density on the circle, estimated from turns in [-1/2, 1/2]: the mean of wrapped normal
/// kernels about them. Their deviation is that which makes each turn the likeliest given all
/// others; the widest is as good as even. It is kept as a trigonometric series,
///   f(x) = 1 + 2 sum_m (a_m cos 2 pi m x + b_m sin 2 pi m x)
class CircleDensity {
 public:
  explicit CircleDensity(const std::vector<double>& turns);

  /// Is it too smooth for the turns: would a kernel do better that the series has no terms for?
  bool is_coarse() const { return coarse_; }
  double density(double turn) const;
  /// The mass of [-1/2, turn].
  double share_below(double turn) const;

 private:
  void damp(double deviation, std::vector<double>& kernel) const;
  double left_out_likelihood(const std::vector<double>& kernel,
                             const std::vector<double>& turns) const;

  std::vector<double> cosine_, sine_;  // means over the turns, from m = 1 on; then damped
  bool coarse_ = false;
};

}  // namespace nflow
