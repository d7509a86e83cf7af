#pragma once

namespace nflow {

/// P(X <= x) and P(X > x) of a distribution, each to full relative precision, so that neither is
/// lost where the other is nearly 1.
struct Tails {
  double below, above;
};

/// The tails of the standard normal distribution.
Tails normal_tails(double z);
/// The tails of the chi-squared distribution, that of the sum of `degrees` squared standard normal
/// numbers.
Tails chi_squared_tails(double x, double degrees);

/// z with P(Z <= z) = p for a standard normal Z, p in (0, 1).
double normal_quantile(double p);

/// P(|Z| > |z|) for a standard normal Z.
double two_sided_p(double z);

}  // namespace nflow
