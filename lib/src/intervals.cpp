#include "intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/constants.h"
#include "stats/distributions.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// An interval whose mass is lost to rounding has this, so that its logarithm is a number.
constexpr double kLeastMass = 1e-300;

/// Values this near to a multiple of the step, in steps, are on the grid.
constexpr double kOnGrid = 1e-6;

constexpr double kMostCell = 0x1p53;

/// Deviations beyond which no normal component has mass.
constexpr double kFarthest = 39;

constexpr int kMostBisections = 200;

/// P(low < Z < high) for a standard normal Z, from the side where it is not lost.
double normal_between(double low, double high) {
  return low > 0 ? normal_tails(low).above - normal_tails(high).above
                 : normal_tails(high).below - normal_tails(low).below;
}

}  // namespace

Cells::Intervals::Intervals(const Support& support, const CellData& data)
    : base_(support.base()),
      edges_(data.edges),
      rest_(data.rest),
      grid_(support.kind == Support::Kind::grid),
      points_(data.edges.size() + 1),
      ties_(data.edges.size() + 1),
      tie_share_(data.tie_share) {
  double total = 0;
  for (const double weight : rest_.weight) total += weight;
  for (double& weight : rest_.weight) weight /= total;
  const double per_unit = grid_ ? std::round(1 / base_.step) : 0;
  if (per_unit > 0 && std::fabs(per_unit * base_.step - 1) < 1e-12) per_unit_ = per_unit;
  for (Index i = 0; i <= static_cast<Index>(edges_.size()); ++i) {
    double mass = mass_between(low_of(i), high_of(i));
    for (const double value : data.points) {
      if (!grid_ || value < low_of(i) || value >= high_of(i)) continue;
      const double half = base_.step / 2;
      points_[i].push_back({value, mass_between(value - half, value + half)});
      mass -= points_[i].back().mass;
    }
    mass_.push_back(std::max(mass, kLeastMass));
  }
  for (std::size_t k = 0; k < data.ties.size(); ++k) {
    const auto place = std::upper_bound(edges_.begin(), edges_.end(), data.ties[k]);
    ties_[static_cast<std::size_t>(place - edges_.begin())].add(data.ties[k], data.tie_mass[k]);
  }
}

void Cells::Intervals::Ties::add(double value, double mass) {
  values.push_back(value);
  before.push_back(total);
  total += mass;
}

double Cells::Intervals::Ties::below(double value) const {
  if (total == 0) return 0;
  const auto at = std::lower_bound(values.begin(), values.end(), value) - values.begin();
  return (static_cast<std::size_t>(at) < before.size() ? before[at] : total) / total;
}

double Cells::Intervals::Ties::at(double value) const {
  const auto found = std::lower_bound(values.begin(), values.end(), value);
  if (found == values.end() || *found != value) return 0;
  const auto k = static_cast<std::size_t>(found - values.begin());
  return ((k + 1 < before.size() ? before[k + 1] : total) - before[k]) / total;
}

double Cells::Intervals::low_of(Index interval) const {
  return interval == 0 ? -kInfinity : edges_[interval - 1];
}

double Cells::Intervals::high_of(Index interval) const {
  return interval == static_cast<Index>(edges_.size()) ? kInfinity : edges_[interval];
}

double Cells::Intervals::begin_of(Index interval) const {
  if (interval == 0) return -kInfinity;
  return grid_ ? edges_[interval - 1] : base_.from_line(edges_[interval - 1]);
}

double Cells::Intervals::mass_between(double low, double high) const {
  double mass = 0;
  for (std::size_t k = 0; k < rest_.weight.size(); ++k) {
    mass += rest_.weight[k] * normal_between((low - rest_.mean[k]) / rest_.deviation[k],
                                             (high - rest_.mean[k]) / rest_.deviation[k]);
  }
  return mass;
}

double Cells::Intervals::log_density(double u) const {
  std::vector<double> logs;
  for (std::size_t k = 0; k < rest_.weight.size(); ++k) {
    const double z = (u - rest_.mean[k]) / rest_.deviation[k];
    logs.push_back(std::log(rest_.weight[k] / rest_.deviation[k]) - 0.5 * z * z - kHalfLogTwoPi);
  }
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double value : logs) sum += std::exp(value - top);
  return top + std::log(sum);
}

double Cells::Intervals::points_below(Index interval, double value) const {
  double mass = 0;
  for (const Point& point : points_[interval]) {
    if (point.value >= value) break;
    mass += point.mass;
  }
  return mass;
}

double Cells::Intervals::cell_of(double value) const {
  return std::round(per_unit_ > 0 ? value * per_unit_ : value / base_.step);
}

double Cells::Intervals::value_of(double cell) const {
  return (per_unit_ > 0 ? cell / per_unit_ : cell * base_.step) + 0.0;  // no negative zero
}

std::optional<Cells::Intervals::Place> Cells::Intervals::place(double value) const {
  if (!std::isfinite(value)) return std::nullopt;
  if (grid_) {
    const double cell = cell_of(value);
    if (std::fabs(cell) > kMostCell) return std::nullopt;
    const double in_steps = per_unit_ > 0 ? value * per_unit_ : value / base_.step;
    if (std::fabs(in_steps - cell) > kOnGrid) return std::nullopt;
  } else if (!base_.contains(value)) {
    return std::nullopt;
  }
  const double u = grid_ ? value_of(cell_of(value)) : base_.to_line(value);
  const Index i = std::upper_bound(edges_.begin(), edges_.end(), u) - edges_.begin();
  if (!grid_) {
    const double w = std::min(1.0, mass_between(low_of(i), u) / mass_[i]);
    return Place{i, w, w, log_density(u) + base_.log_slope(value) - std::log(mass_[i])};
  }
  const double half = base_.step / 2;
  const double own = mass_between(u - half, u + half);
  const double below = mass_between(low_of(i), u - half) - points_below(i, u);
  const double share = tie_share(i), tied = share * ties_[i].at(value);
  const double smooth = std::clamp(below / mass_[i], 0.0, 1.0);
  const double low = (1 - share) * smooth + share * ties_[i].below(value);
  // Far out the difference of two tails is lost, and the cell is narrow beside what changes there.
  const double log_smooth =
      (own > kLeastMass ? std::log(own) : log_density(u) + std::log(base_.step)) -
      std::log(mass_[i]) + std::log1p(-share);
  const double log_own = tied > 0 ? std::log(tied + (1 - share) * own / mass_[i]) : log_smooth;
  return Place{i, low, std::min(1.0, low + std::exp(log_own)), log_own};
}

/// Where the mixture's mass from the interval's begin is `goal`.
double Cells::Intervals::line_at(Index interval, double goal) const {
  double low = kInfinity, high = -kInfinity;
  for (std::size_t k = 0; k < rest_.weight.size(); ++k) {
    low = std::min(low, rest_.mean[k] - kFarthest * rest_.deviation[k]);
    high = std::max(high, rest_.mean[k] + kFarthest * rest_.deviation[k]);
  }
  const double begin = low_of(interval);
  low = std::max(low, begin);
  high = std::max(low, std::min(high, high_of(interval)));
  for (int step = 0; step < kMostBisections; ++step) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (mass_between(begin, middle) < goal ? low : high) = middle;
  }
  return high;
}

/// The cell whose own share of the interval, points left out, holds w.
double Cells::Intervals::value_on_grid(Index interval, double w) const {
  const double half = base_.step / 2, begin = low_of(interval), share = tie_share(interval);
  const auto is_point = [&](double value) {
    const std::vector<Point>& points = points_[interval];
    const auto at = std::lower_bound(points.begin(), points.end(), value,
                                     [](const Point& p, double x) { return p.value < x; });
    return at != points.end() && at->value == value;
  };
  const auto through = [&](double cell) {  // the share up to the cell's end
    const double end = value_of(cell) + half;
    const double smooth = mass_between(begin, end) - points_below(interval, end);
    return (1 - share) * smooth / mass_[interval] + share * ties_[interval].below(end);
  };
  const double far = kMostCell * base_.step;
  double low = cell_of(std::clamp(line_at(interval, 0), -far, far)) - 1;
  double high = cell_of(std::clamp(line_at(interval, 2), -far, far)) + 1;
  if (low_of(interval) > -kInfinity) low = std::max(low, cell_of(begin + half) - 1);
  if (high_of(interval) < kInfinity) high = std::min(high, cell_of(high_of(interval) - half));
  while (high - low > 1) {
    const double middle = low + std::floor((high - low) / 2);
    (through(middle) <= w ? low : high) = middle;
  }
  // A cell with a bin of its own is none of the interval's: the next one is.
  double cell = high;
  while (is_point(value_of(cell)) && value_of(cell + 1) < high_of(interval)) ++cell;
  while (is_point(value_of(cell)) && value_of(cell - 1) >= low_of(interval)) --cell;
  return value_of(cell);
}

double Cells::Intervals::value(Index interval, double w) const {
  if (grid_) return value_on_grid(interval, w);
  return base_.from_line(line_at(interval, w * mass_[interval]));
}

}  // namespace nflow
