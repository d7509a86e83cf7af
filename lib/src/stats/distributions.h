#pragma once

namespace nflow {

/// Of a distribution at a point x: P(X <= x) and P(X > x), each to full relative precision, so that
/// neither is lost where the other is nearly 1.
struct Tails {
  double below, above;
};

/// Of the standard normal distribution.
Tails normal_tails(double z);
/// Of the chi-squared distribution, the sum of `degrees` squared standard normal numbers.
Tails chi_squared_tails(double x, double degrees);

/// P(|Z| > |z|) for a standard normal Z.
double two_sided_p(double z);

}  // namespace nflow
