#pragma once

#include <cmath>

namespace nflow {

/// A smooth, growing map of the real line onto (-1, infinity), with m(0) = 0: the constraint that
/// keeps planar and radial maps invertible. It stays a little above -1, so that no log-determinant
/// reaches log 0 by rounding.
///   m(a) = (1 - kMargin) (softplus(a + log(e - 1)) - 1)
struct AboveMinusOne {
  double value, slope;

  explicit AboveMinusOne(double a) {
    constexpr double shift = 0.54132485461291810898;  // log(e - 1), where softplus is 1
    constexpr double margin = 1e-4;
    const double b = a + shift;
    const double softplus = std::fmax(b, 0.0) + std::log1p(std::exp(-std::fabs(b)));
    value = (1 - margin) * (softplus - 1);
    slope = (1 - margin) / (1 + std::exp(-b));
  }
};

}  // namespace nflow
