#include "stats/goodness_of_fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nflow {
namespace {

/// P(K > x) of Kolmogorov's limiting distribution.
double kolmogorov_tail(double x) {
  if (x < 0.2) return 1;
  double sum = 0;
  for (int k = 1; k <= 20; ++k) {
    sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * x * x);
  }
  return std::clamp(sum, 0.0, 1.0);
}

/// a_0 + a_1 x + a_2 x^2 + ...
template <std::size_t N>
double polynomial(const double (&a)[N], double x) {
  double sum = 0;
  for (std::size_t i = N; i-- > 0;) sum = sum * x + a[i];
  return sum;
}

/// P(A^2 > z) of its limiting distribution.
double anderson_darling_tail(double z) {
  if (!(z > 0)) return 1;
  if (z < 2) {
    const double a[] = {2.00012, 0.247105, -0.0649821, 0.0347962, -0.011672, 0.00168691};
    return 1 - std::exp(-1.2337141 / z) / std::sqrt(z) * polynomial(a, z);
  }
  // A^2 is a sum of chi-squared numbers with weights 1/2, 1/6, 1/12, ...; far out the first
  // decides.
  if (z > 8) return std::sqrt(3.0) * std::erfc(std::sqrt(z));
  const double a[] = {1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146};
  return -std::expm1(-std::exp(polynomial(a, z)));
}

/// What n numbers add to a probability `below` of the limiting distribution.
double anderson_darling_correction(double n, double below) {
  const double c = 0.01265 + 0.1757 / n;
  if (below < c) {
    const double t = below / c;
    return std::sqrt(t) * (1 - t) * (49 * t - 102) * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n;
  }
  if (below < 0.8) {
    const double a[] = {-0.00022633, 6.54034, -14.6538, 14.458, -8.259, 1.91864};
    return polynomial(a, (below - c) / (0.8 - c)) * (0.04213 + 0.01365 / n) / n;
  }
  const double a[] = {-130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844};
  return polynomial(a, below) / n;
}

}  // namespace

double kolmogorov_smirnov_p(double distance, double n) {
  const double root = std::sqrt(n);
  return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

TestResult kolmogorov_smirnov(std::vector<double> uniform) {
  std::sort(uniform.begin(), uniform.end());
  const auto n = static_cast<double>(uniform.size());
  double distance = 0;
  for (std::size_t i = 0; i < uniform.size(); ++i) {
    const auto before = static_cast<double>(i);
    distance = std::max({distance, uniform[i] - before / n, (before + 1) / n - uniform[i]});
  }
  return {distance, kolmogorov_smirnov_p(distance, n)};
}

double anderson_darling_p(double statistic, double n) {
  const double limit = anderson_darling_tail(statistic);
  if (limit < 0.005) return limit;  // the correction is for the bulk
  return std::clamp(limit - anderson_darling_correction(n, 1 - limit), 0.0, 1.0);
}

TestResult anderson_darling(std::vector<Tails> tails) {
  std::sort(tails.begin(), tails.end(), [](const Tails& a, const Tails& b) {
    return a.below < b.below || (a.below == b.below && a.above > b.above);
  });
  const auto n = static_cast<double>(tails.size());
  double sum = 0;
  for (std::size_t i = 0; i < tails.size(); ++i) {
    sum += (2 * static_cast<double>(i) + 1) *
           (std::log(tails[i].below) + std::log(tails[tails.size() - 1 - i].above));
  }
  const double statistic = -n - sum / n;
  return {statistic, anderson_darling_p(statistic, n)};
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, static_cast<double>(p.size() - i) * p[order[i]]);
    adjusted[order[i]] = std::min(largest, 1.0);
  }
  return adjusted;
}

}  // namespace nflow
