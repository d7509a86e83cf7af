#include "ask/panel.h"

#include <algorithm>
#include <cmath>

#include "math/constants.h"

namespace nflow {
namespace {

constexpr int kDegree = kPanelNodes - 1;

/// cos(j theta_k) of the nodes, halved where the transform halves it: coefficient j of a polynomial
/// is the sum over k of this times the value at node k.
using Transform = std::array<PanelValues, kPanelNodes>;

const Transform& transform() {
  static const Transform table = [] {
    Transform made{};
    for (int j = 0; j <= kDegree; ++j) {
      for (int k = 0; k <= kDegree; ++k) {
        const double ends = k == 0 || k == kDegree ? 0.5 : 1;
        const double outer = j == 0 || j == kDegree ? 0.5 : 1;
        made[j][k] = 2.0 / kDegree * ends * outer * std::cos(j * kPi * (kDegree - k) / kDegree);
      }
    }
    return made;
  }();
  return table;
}

/// Weights of the rule with `step` between its nodes (Clenshaw and Curtis 1960).
PanelValues weights(int step) {
  const int n = kDegree / step;
  PanelValues rule{};
  for (int k = 0; k <= n; ++k) {
    double sum = 0;
    for (int j = 0; j <= n; j += 2) {
      const double outer = j == 0 || j == n ? 0.5 : 1;
      sum += outer * 2.0 / (1 - j * j) * std::cos(j * kPi * k / n);
    }
    rule[static_cast<std::size_t>(k * step)] = 2.0 / n * sum * (k == 0 || k == n ? 0.5 : 1);
  }
  return rule;
}

double dot(const PanelValues& a, const PanelValues& b) {
  double sum = 0;
  for (int k = 0; k < kPanelNodes; ++k) sum += a[k] * b[k];
  return sum;
}

/// sum_j c_j T_j(x), by Clenshaw's recurrence.
template <class Coefficients>
double chebyshev_sum(const Coefficients& c, double x) {
  double b1 = 0, b2 = 0;
  for (std::size_t j = c.size() - 1; j > 0; --j) {
    const double b = c[j] + 2 * x * b1 - b2;
    b2 = b1;
    b1 = b;
  }
  return c[0] + x * b1 - b2;
}

}  // namespace

const PanelValues& panel_nodes() {
  static const PanelValues nodes = [] {
    PanelValues made{};
    for (int k = 0; k <= kDegree; ++k) made[k] = -std::cos(kPi * k / kDegree);
    made[kDegree / 2] = 0;
    return made;
  }();
  return nodes;
}

PanelPolynomial::PanelPolynomial(const PanelValues& values) {
  for (int j = 0; j <= kDegree; ++j) value_[j] = dot(transform()[j], values);
  const auto coefficient = [&](int j) { return j > kDegree ? 0 : (j == 0 ? 2 : 1) * value_[j]; };
  double at_start = 0;
  for (int j = 1; j <= kPanelNodes; ++j) {
    integral_[j] = (coefficient(j - 1) - coefficient(j + 1)) / (2 * j);
    at_start += j % 2 == 0 ? integral_[j] : -integral_[j];
  }
  integral_[0] = -at_start;
}

double PanelPolynomial::value(double x) const { return chebyshev_sum(value_, x); }
double PanelPolynomial::integral(double x) const { return chebyshev_sum(integral_, x); }

PanelIntegral panel_integral(const PanelValues& values) {
  static const PanelValues fine = weights(1), coarse = weights(2);
  const double integral = dot(fine, values), distance = std::fabs(integral - dot(coarse, values));
  const double mean = integral / 2;
  double scale = 0;
  for (int k = 0; k < kPanelNodes; ++k) scale += fine[k] * std::fabs(values[k] - mean);
  if (scale <= 0) return {integral, distance, distance};
  const double smooth = scale * std::pow(200 * distance / scale, 1.5);
  return {integral, distance, std::min(distance, smooth)};
}

}  // namespace nflow
