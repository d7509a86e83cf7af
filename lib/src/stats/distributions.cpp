#include "stats/distributions.h"

#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

namespace nflow {
namespace {

constexpr double kRootHalf = 0.70710678118654752440;

}  // namespace

Tails normal_tails(double z) {
  return {0.5 * std::erfc(-z * kRootHalf), 0.5 * std::erfc(z * kRootHalf)};
}

Tails chi_squared_tails(double x, double degrees) {
  if (std::isinf(x)) return {1, 0};
  return {boost::math::gamma_p(degrees / 2, x / 2), boost::math::gamma_q(degrees / 2, x / 2)};
}

double normal_quantile(double p) { return -boost::math::erfc_inv(2 * p) / kRootHalf; }

double two_sided_p(double z) { return std::erfc(std::fabs(z) * kRootHalf); }

}  // namespace nflow
