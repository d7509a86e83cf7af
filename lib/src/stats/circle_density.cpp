#include "stats/circle_density.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/constants.h"

namespace nflow {
namespace {

constexpr std::size_t kTerms = 128;

/// Deviations of the kernel, in turns: from the least that so many terms hold to a thousandth, up
/// by this factor, to one that is as good as even.
constexpr double kNarrowest = 0.0047, kStep = 1.4, kWidest = 0.6;

/// Turns on which the choice is judged; more change none of it.
constexpr std::size_t kMostJudged = 1000;

constexpr double kLeastDensity = 1e-300;

/// Calls visit(m, cos 2 pi m x, sin 2 pi m x) for the terms of the series, from m = 1 on.
template <class Visit>
void each_term(double x, const Visit& visit) {
  const double c1 = std::cos(kTwoPi * x), s1 = std::sin(kTwoPi * x);
  double c = c1, s = s1;
  for (std::size_t m = 1; m <= kTerms; ++m) {
    visit(m, c, s);
    const double next = c * c1 - s * s1;
    s = s * c1 + c * s1;
    c = next;
  }
}

}  // namespace

CircleDensity::CircleDensity(const std::vector<double>& turns)
    : cosine_(kTerms, 0), sine_(kTerms, 0) {
  const double share = 1 / static_cast<double>(std::max<std::size_t>(turns.size(), 1));
  for (const double x : turns) {
    each_term(x, [&](std::size_t m, double c, double s) {
      cosine_[m - 1] += share * c;
      sine_[m - 1] += share * s;
    });
  }
  std::vector<double> kernel(kTerms), best(kTerms, 0);  // begins as even
  double most = turns.size() < 2 ? std::numeric_limits<double>::infinity() : 0;
  for (double deviation = kWidest; deviation >= kNarrowest; deviation /= kStep) {
    damp(deviation, kernel);
    const double likelihood = left_out_likelihood(kernel, turns);
    if (likelihood <= most) continue;
    most = likelihood;
    best = kernel;
    coarse_ = deviation / kStep < kNarrowest;
  }
  for (std::size_t m = 0; m < kTerms; ++m) {
    cosine_[m] *= best[m];
    sine_[m] *= best[m];
  }
}

void CircleDensity::damp(double deviation, std::vector<double>& kernel) const {
  for (std::size_t m = 1; m <= kTerms; ++m) {
    const double angle = kTwoPi * static_cast<double>(m) * deviation;
    kernel[m - 1] = std::exp(-0.5 * angle * angle);
  }
}

double CircleDensity::left_out_likelihood(const std::vector<double>& kernel,
                                          const std::vector<double>& turns) const {
  double own = 1;  // what a kernel has at its own turn
  for (const double term : kernel) own += 2 * term;
  const auto n = static_cast<double>(turns.size());
  const std::size_t step = (turns.size() + kMostJudged - 1) / kMostJudged;
  double sum = 0;
  std::size_t judged = 0;
  for (std::size_t i = 0; i < turns.size(); i += step) {
    double density = 1;
    each_term(turns[i], [&](std::size_t m, double c, double s) {
      density += 2 * kernel[m - 1] * (cosine_[m - 1] * c + sine_[m - 1] * s);
    });
    sum += std::log(std::max((n * density - own) / (n - 1), kLeastDensity));
    ++judged;
  }
  return sum / static_cast<double>(judged);
}

double CircleDensity::density(double turn) const {
  double sum = 1;
  each_term(turn, [&](std::size_t m, double c, double s) {
    sum += 2 * (cosine_[m - 1] * c + sine_[m - 1] * s);
  });
  return std::max(sum, 0.0);
}

double CircleDensity::share_below(double turn) const {
  double sum = turn + 0.5;
  each_term(turn, [&](std::size_t m, double c, double s) {
    const double at_seam = m % 2 == 0 ? 1 : -1;  // cos(-pi m)
    const auto order = static_cast<double>(m);
    sum += (cosine_[m - 1] * s + sine_[m - 1] * (at_seam - c)) / (kPi * order);
  });
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace nflow
