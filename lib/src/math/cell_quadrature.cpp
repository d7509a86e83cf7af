#include "math/cell_quadrature.h"

#include <cmath>
#include <utility>

#include "math/constants.h"

namespace nflow {
namespace {

constexpr Index kSequencePoints = 512;

/// P_n(t) and its derivative, by the three-term recurrence.
std::pair<double, double> legendre(int n, double t) {
  double before = 1, value = t;
  for (int k = 2; k <= n; ++k) {
    before = std::exchange(value, ((2 * k - 1) * t * value - (k - 1) * before) / k);
  }
  return {value, n * (t * value - before) / (t * t - 1)};
}

/// Nodes and weights on [-1/2, 1/2]: the roots of P_n, found by Newton's method.
std::vector<std::pair<double, double>> gauss_legendre(int n) {
  std::vector<std::pair<double, double>> rule;
  for (int i = 0; i < n; ++i) {
    double t = std::cos(kPi * (i + 0.75) / (n + 0.5));
    for (int step = 0; step < 8; ++step) {
      const auto [value, slope] = legendre(n, t);
      t -= value / slope;
    }
    const double slope = legendre(n, t).second;
    rule.emplace_back(t / 2, 1 / ((1 - t * t) * slope * slope));
  }
  return rule;
}

CellQuadrature product_rule(Index dimensions, int n) {
  const auto rule = gauss_legendre(n);
  Index count = 1;
  for (Index d = 0; d < dimensions; ++d) count *= n;
  CellQuadrature cell{RowMatrix(count, dimensions), std::vector<double>(count, 0)};
  for (Index q = 0; q < count; ++q) {
    Index rest = q;
    for (Index d = 0; d < dimensions; ++d, rest /= n) {
      cell.nodes(q, d) = rule[rest % n].first;
      cell.log_weight[q] += std::log(rule[rest % n].second);
    }
  }
  return cell;
}

bool is_prime(Index n) {
  for (Index i = 2; i * i <= n; ++i) {
    if (n % i == 0) return false;
  }
  return true;
}

CellQuadrature sequence_rule(Index dimensions) {
  CellQuadrature cell{
      RowMatrix(kSequencePoints, dimensions),
      std::vector<double>(kSequencePoints, -std::log(static_cast<double>(kSequencePoints)))};
  Index prime = 1;
  for (Index d = 0; d < dimensions; ++d) {
    do {
      ++prime;
    } while (!is_prime(prime));
    const double step = std::sqrt(static_cast<double>(prime));
    for (Index q = 0; q < kSequencePoints; ++q) {
      const double at = (static_cast<double>(q) + 0.5) * step;
      cell.nodes(q, d) = 0.5 - std::fabs(2 * (at - std::floor(at)) - 1);
    }
  }
  return cell;
}

}  // namespace

CellQuadrature cell_quadrature(Index dimensions) {
  if (dimensions > 3) return sequence_rule(dimensions);
  return product_rule(dimensions, dimensions == 1 ? 24 : dimensions == 2 ? 12 : 8);
}

}  // namespace nflow
