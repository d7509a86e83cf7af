#include "stats/bridge.h"

#include <cmath>
#include <limits>

namespace nflow {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

struct Sums {
  double own;     // of the chance that a draw is one of p
  double spread;  // of that chance times its complement
};

Sums sums(const std::vector<double>& ratios, double log_mass) {
  Sums s{0, 0};
  for (const double ratio : ratios) {
    const double own = logistic(ratio - log_mass);
    s.own += own;
    s.spread += own * (1 - own);
  }
  return s;
}

}  // namespace

// A draw x of either is one of p with chance p / (p + m q), m being the mass. The m at which these
// chances add up to the number of draws of p is the maximum-likelihood estimate; its variance is
// 1 / sum of chance times complement, less that of knowing the two numbers.
LogMass bridge(const std::vector<double>& at_p, const std::vector<double>& at_q) {
  const auto n = static_cast<double>(at_p.size());
  double low = -1000, high = 1000;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (sums(at_p, middle).own + sums(at_q, middle).own > n ? low : high) = middle;
  }
  const double spread = sums(at_p, low).spread + sums(at_q, low).spread;
  if (std::isnan(spread)) return {spread, spread, 0};
  const double variance = 1 / spread - 2 / n;
  const double error =
      spread > 0 ? std::sqrt(std::fmax(variance, 0)) : std::numeric_limits<double>::infinity();
  return {low, error, 2 * spread / n};
}

}  // namespace nflow
