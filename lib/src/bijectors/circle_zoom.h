#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "math/constants.h"
#include "view.h"

namespace nflow {

/// A map of the circle onto itself that spreads out the turns about a centre: tan(pi y) =
/// sharpness tan(pi (x - centre)), x and y in turns of [-1/2, 1/2]. It takes a wrapped Cauchy
/// density to the even one (McCullagh, "Mobius transformation and Cauchy parameter estimation",
/// 1996).
///   log_det  log sharpness - log(cos^2 + sharpness^2 sin^2), of pi (x - centre)
template <class T>
struct CircleZoom {
  T centre = 0;
  T log_sharpness = 0;

  void forward(Index n, const T* x, T* y, T* log_det) const {
    const T k = std::exp(log_sharpness);
    for (Index r = 0; r < n; ++r) {
      const T a = angle(x[r] - centre), s = k * std::sin(a), c = std::cos(a);
      y[r] = std::atan2(s, c) / T(kPi);
      log_det[r] += log_sharpness - std::log(c * c + s * s);
    }
  }

  void inverse(Index n, const T* y, T* x, T* log_det) const {
    const T k = std::exp(-log_sharpness);
    for (Index r = 0; r < n; ++r) {
      const T a = T(kPi) * y[r], s = k * std::sin(a), c = std::cos(a);
      const T turn = centre + std::atan2(s, c) / T(kPi);
      x[r] = turn - std::nearbyint(turn);
      log_det[r] -= log_sharpness + std::log(c * c + s * s);
    }
  }

  /// dL/dx from dL/dy and dL/dlog_det; `dx` may be `dy`.
  void backward(Index n, const T* x, const T* dy, const T* dlog_det, T* dx) const {
    const T k = std::exp(log_sharpness);
    for (Index r = 0; r < n; ++r) {
      const T a = angle(x[r] - centre), s = std::sin(a), c = std::cos(a);
      const T stretch = c * c + k * k * s * s;
      dx[r] = (dy[r] * k - dlog_det[r] * T(kTwoPi) * (k * k - 1) * s * c) / stretch;
    }
  }

 private:
  static T angle(T turn) { return T(kPi) * (turn - std::nearbyint(turn)); }
};

/// The tangent at which the zoom puts the ends of the closest half: with it a normal density
/// becomes one that few bins are enough for.
constexpr double kZoomTangent = 0.5;

/// The zoom by which half of the turns, the half that is closest together, become a third of one.
template <class T>
CircleZoom<T> zoom_on(std::vector<double> turns) {
  if (turns.empty()) return {};
  std::sort(turns.begin(), turns.end());
  const std::size_t n = turns.size(), half = n / 2;
  double least = 1, middle = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double end = i + half < n ? turns[i + half] : turns[i + half - n] + 1;
    if (end - turns[i] >= least) continue;
    least = end - turns[i];
    middle = turns[i] + least / 2;
  }
  const double quarter = kPi * std::clamp(least / 2, 1e-6, 0.25);
  return {static_cast<T>(middle - std::nearbyint(middle)),
          static_cast<T>(std::log(kZoomTangent / std::tan(quarter)))};
}

}  // namespace nflow
