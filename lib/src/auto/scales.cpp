#include "nflow/scales.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "auto/mixture_work.h"
#include "nflow/order.h"
#include "stats/distributions.h"
#include "stats/weights.h"

namespace nflow {
namespace {

/// Shares of the numbers that are below the knots. Beyond them a scale would follow single numbers.
constexpr std::array<double, 19> kShares{0.002, 0.005, 0.01, 0.02,  0.05, 0.1, 0.2,
                                         0.3,   0.4,   0.5,  0.6,   0.7,  0.8, 0.9,
                                         0.95,  0.98,  0.99, 0.995, 0.998};
constexpr std::size_t kMiddle = 9, kThird = 7, kSeventh = 11;
using Knots = std::array<double, kShares.size()>;

constexpr std::size_t kFewestNumbers = 500;

/// Nats a number that a normal density gains by a scale, at least: a column that gains less is well
/// off as it is, and a scale would bend what hangs together straight.
constexpr double kLeastGain = 0.1;

/// The search goes by steps, in units of the numbers' middle part: the first, the last, and how
/// much longer one is behind another that led on.
constexpr double kFirstStep = 0.5, kLastStep = 1e-4, kLonger = 1.15;

/// Components, and columns at most, of the mixtures with and without scales.
constexpr Index kComponents[] = {1, 4, 16}, kMostColumns = 64;

/// Standard errors by which a mixture on scales must be ahead.
constexpr double kAhead = 2;

/// A scale's width has so many digits, and its centre no more.
constexpr int kDigits = 3;

/// How far from a normal density knots are on a scale: the Kullback-Leibler divergence of the
/// probabilities of the parts, under the normal that a weighted regression gives, from their
/// shares.
class Misfit {
 public:
  Misfit() {
    double before = 0;
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      z_[i] = normal_quantile(kShares[i]);
      const double density = std::exp(-0.5 * z_[i] * z_[i]);
      weight_[i] = density * density / (kShares[i] * (1 - kShares[i]));
      mass_[i] = kShares[i] - before;
      before = kShares[i];
    }
  }

  double operator()(const Support& scale, const Knots& knots) const {
    Knots y;
    double total = 0, y_mean = 0, z_mean = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = scale.to_line(knots[i]);
      total += weight_[i];
      y_mean += weight_[i] * y[i];
      z_mean += weight_[i] * z_[i];
    }
    y_mean /= total;
    z_mean /= total;
    double square = 0, product = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      square += weight_[i] * (y[i] - y_mean) * (y[i] - y_mean);
      product += weight_[i] * (y[i] - y_mean) * (z_[i] - z_mean);
    }
    double below = 0, sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double z = z_mean + product / square * (y[i] - y_mean);
      const double now = 0.5 * std::erfc(-z * std::sqrt(0.5));
      sum += part(mass_[i], now - below);
      below = now;
    }
    return sum + part(1 - kShares.back(), 1 - below);
  }

 private:
  static double part(double mass, double probability) {
    return mass * std::log(mass / std::max(probability, 1e-300));
  }

  Knots z_, weight_, mass_;
};

/// The scale of a place (centre, log width) in units of the numbers' middle part. It resolves no
/// more than half of the narrowest part between two knots.
class Scales {
 public:
  explicit Scales(const Knots& knots)
      : middle_(knots[kMiddle]), unit_((knots[kSeventh] - knots[kThird]) / 2) {
    narrowest_ = unit_;
    for (std::size_t i = 1; i < knots.size(); ++i) {
      narrowest_ = std::min(narrowest_, 0.5 * (knots[i] - knots[i - 1]));
    }
  }

  bool possible() const { return narrowest_ > 0 && std::isfinite(unit_); }
  Support at(double centre, double log_width) const {
    Support scale{Support::Kind::asinh};
    scale.centre = middle_ + unit_ * centre;
    scale.width = narrowest_ + unit_ * std::exp(log_width);
    return scale;
  }

 private:
  double middle_, unit_, narrowest_;
};

/// A compass search: on to the best of four neighbours and further, and nearer where none is
/// better.
Support likeliest(const Scales& scales, const Knots& knots) {
  const Misfit misfit;
  Support best;
  double least = std::numeric_limits<double>::infinity();
  for (const double start : {-1.0, 0.0, 1.0}) {
    std::array<double, 2> at{start, 0};
    double now = misfit(scales.at(at[0], at[1]), knots);
    for (double step = kFirstStep; step > kLastStep;) {
      std::array<double, 2> next = at;
      for (const auto& [x, y] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
        const std::array<double, 2> there{at[0] + x * step, at[1] + y * step};
        const double value = misfit(scales.at(there[0], there[1]), knots);
        if (!(value < now)) continue;
        now = value;
        next = there;
      }
      step = next == at ? step / 2 : step * kLonger;
      at = next;
    }
    if (!(now < least)) continue;
    least = now;
    best = scales.at(at[0], at[1]);
  }
  return best;
}

/// To as many digits as make a difference.
Support rounded(Support scale) {
  const int decimals = kDigits - 1 - static_cast<int>(std::floor(std::log10(scale.width)));
  const double power = std::pow(10.0, std::abs(decimals));
  for (double* number : {&scale.centre, &scale.width}) {
    *number =
        decimals > 0 ? std::round(*number * power) / power : std::round(*number / power) * power;
  }
  scale.centre += 0.0;  // no negative zero
  return scale;
}

/// Nats a number that a normal density gains.
double gain(const std::vector<double>& numbers, const Support& scale) {
  const auto n = static_cast<double>(numbers.size());
  double mean[2] = {}, square[2] = {}, slope = 0;
  for (const double x : numbers) {
    mean[0] += x / n;
    mean[1] += scale.to_line(x) / n;
    slope += scale.log_slope(x) / n;
  }
  for (const double x : numbers) {
    square[0] += (x - mean[0]) * (x - mean[0]) / n;
    square[1] += (scale.to_line(x) - mean[1]) * (scale.to_line(x) - mean[1]) / n;
  }
  return 0.5 * std::log(square[0] / square[1]) + slope;
}

/// Log densities, in the table's units, of rows held out of mixtures, the best of some.
HeldOut held_out(const Dataset& fit, const MixtureSearch& search) {
  MixtureWork work(fit, search);
  const MixtureChoice choice(work.data, work.pool, search.seed, 1, work.given);
  const Index each = component_parameters(work.data.rows.cols());
  HeldOut best;
  for (const Index components : kComponents) {
    if (components > 1 && components * each > kMostMixtureParameters) break;
    HeldOut now = choice.held_out(components);
    if (best.log_density.empty() || now.mean() > best.mean()) best = std::move(now);
  }
  for (std::size_t i = 0; i < best.log_density.size(); ++i) {
    best.log_density[i] += work.units(best.lines[i]);
  }
  return best;
}

/// Are rows held out likelier where these columns have their scales? A wide table is judged by some
/// of them, evenly spread.
bool are_likelier(const Dataset& fit, const std::vector<Support>& supports,
                  const std::vector<Support>& scaled, const std::vector<Index>& with_scale,
                  MixtureSearch search) {
  std::vector<Index> columns(supports.size());
  std::iota(columns.begin(), columns.end(), Index{0});
  const auto all = static_cast<Index>(with_scale.size());
  if (fit.x.cols() > kMostColumns) {
    columns.resize(static_cast<std::size_t>(std::min(all, kMostColumns)));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i] = with_scale[i * with_scale.size() / columns.size()];
    }
  }
  const Dataset some{fit.x(Eigen::all, columns), fit.context, fit.weights};
  const auto tried = [&](const std::vector<Support>& of_all) {
    search.supports.clear();
    for (const Index j : columns) search.supports.push_back(of_all[static_cast<std::size_t>(j)]);
    return held_out(some, search);
  };
  return is_ahead(tried(scaled), tried(supports), kAhead);
}

/// The numbers of a column, as often as their weights say.
std::vector<double> numbers_of(const Dataset& data, Index column) {
  const auto x = data.x.col(column);
  if (data.weights.empty()) return {x.begin(), x.end()};
  std::vector<double> numbers;
  for (const Index r :
       resampled(data.weights, x.size(), x.size(), [](Index i) { return std::size_t(i); })) {
    numbers.push_back(x(r));
  }
  return numbers;
}

}  // namespace

std::optional<Support> fit_scale(std::vector<double> numbers) {
  if (numbers.size() < kFewestNumbers) return std::nullopt;
  std::sort(numbers.begin(), numbers.end());
  Knots knots;
  for (std::size_t i = 0; i < knots.size(); ++i) knots[i] = sorted_quantile(numbers, kShares[i]);
  const Scales scales(knots);
  if (!scales.possible()) return std::nullopt;
  const Support scale = rounded(likeliest(scales, knots));
  if (!(scale.width > 0) || !(gain(numbers, scale) > kLeastGain)) return std::nullopt;
  return scale;
}

std::vector<Support> choose_scales(const Dataset& fit, const std::vector<Support>& supports,
                                   const std::vector<bool>& free, const MixtureSearch& search) {
  std::vector<Support> plain = supports;
  plain.resize(static_cast<std::size_t>(fit.x.cols()));
  std::vector<Support> scaled = plain;
  std::vector<Index> with_scale;
  for (std::size_t j = 0; j < scaled.size(); ++j) {
    if (!free[j] || plain[j].kind != Support::Kind::real || plain[j].is_cut()) continue;
    const std::optional<Support> scale = fit_scale(numbers_of(fit, static_cast<Index>(j)));
    if (!scale) continue;
    scaled[j] = *scale;
    with_scale.push_back(static_cast<Index>(j));
  }
  if (with_scale.empty()) return supports;
  return are_likelier(fit, plain, scaled, with_scale, search) ? scaled : supports;
}

}  // namespace nflow
