#include "ask/line_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace nflow {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What the rules of a panel may differ by, as a share of all mass: where it is jagged, and by the
// formula for smooth ones.
constexpr double kFine = 6e-7, kSmooth = 1e-9;
constexpr double kJagged = 0.11;      // of the distance before, that is left
constexpr double kNoMass = 3e-8;      // what need not be looked at
constexpr double kEndNats = 25;       // below all mass, at the ends
constexpr double kHiddenNats = 2;     // that a peak between two nodes rises above both
constexpr double kFarBelow = 1e9;     // nats; stands for a density of 0 in slopes
constexpr double kThinnest = 1e-13;   // width of a panel, relative to its place
constexpr int kMostExtensions = 120;  // beyond the first nodes
constexpr std::size_t kMostPlaces = 20000;
constexpr int kBisections = 60;
constexpr double kMostLogRange = 40;  // over which a logarithm is smooth enough for a polynomial

/// Where x in [-1, 1] is.
double between(double low, double high, double x) {
  if (x <= -1) return low;
  return x >= 1 ? high : low + (high - low) * (0.5 + 0.5 * x);
}

double slope(double low, double high, double log_low, double log_high) {
  return (log_high - log_low) / (high - low);
}

/// The most that a concave log density can reach between two points at a distance, whose slopes
/// outside are known. Where it is not concave, the higher of the two.
double most_between(double left, double right, double slope_left, double slope_right,
                    double width) {
  const double chord = (right - left) / width, higher = std::max(left, right);
  if (!(slope_left > chord && slope_right < chord)) return higher;
  const double at = (right - left - slope_right * width) / (slope_left - slope_right);
  return std::max(higher, left + slope_left * std::clamp(at, 0.0, width));
}

bool is_thin(double low, double high) {
  return high - low <= kThinnest * std::max(std::fabs(low), std::fabs(high));
}

}  // namespace

double LineSearch::Panel::place(int node) const {
  return between(low, high, panel_nodes()[static_cast<std::size_t>(node)]);
}

LineSearch::LineSearch(std::vector<double> nodes, bool closed, double noise)
    : wanted_(std::move(nodes)), closed_(closed), noise_(noise) {
  for (std::size_t i = 0; i + 1 < wanted_.size(); ++i) {
    Panel panel{wanted_[i], wanted_[i + 1], {}};
    panel.log_density.fill(kUnknown);
    places_.push_back({i, i, 0});
    places_.push_back({i + 1, i, kPanelNodes - 1});
    panels_.push_back(panel);
  }
  asked_ = wanted_.size();
}

void LineSearch::take(const double* log_density) {
  for (const Place& place : places_) {
    const double value = log_density[place.wanted];
    panels_[place.panel].log_density[static_cast<std::size_t>(place.node)] =
        std::isnan(value) ? -kInfinity : value;
  }
  plan();
}

LineSearch::Mass LineSearch::mass_of(const Panel& panel) const {
  const double half = (panel.high - panel.low) / 2;
  PanelValues values{};
  if (!panel.looked) {
    return {half * (std::exp(panel.log_density.front() - top_) +
                    std::exp(panel.log_density.back() - top_)),
            0, 0};
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = std::exp(panel.log_density[k] - top_);
  }
  const PanelIntegral found = panel_integral(values);
  return {half * found.value, half * found.distance, half * found.smooth_error};
}

void LineSearch::measure() {
  top_ = -kInfinity;
  for (const Panel& panel : panels_) {
    for (const double value : panel.log_density) {
      if (value > top_) top_ = value;
    }
  }
  total_ = 0;
  if (!std::isfinite(top_)) return;
  for (const Panel& panel : panels_) total_ += mass_of(panel).value;
}

double LineSearch::level(double log_density) const {
  return std::max(log_density, top_ - kFarBelow);
}

/// The slopes of log p beside an end of panel `i`, from the nearest nodes beyond it.
double LineSearch::slope_before(std::size_t i) const {
  if (i == 0) return -kInfinity;
  const Panel& panel = panels_[i - 1];
  const int node = panel.looked ? kPanelNodes - 2 : 0;
  return slope(panel.place(node), panel.high,
               level(panel.log_density[static_cast<std::size_t>(node)]),
               level(panel.log_density.back()));
}

double LineSearch::slope_behind(std::size_t i) const {
  if (i + 1 == panels_.size()) return kInfinity;
  const Panel& panel = panels_[i + 1];
  const int node = panel.looked ? 1 : kPanelNodes - 1;
  return slope(panel.low, panel.place(node), level(panel.log_density.front()),
               level(panel.log_density[static_cast<std::size_t>(node)]));
}

bool LineSearch::may_have_mass(std::size_t i) const {
  const Panel& panel = panels_[i];
  const double width = panel.high - panel.low;
  const double most =
      most_between(level(panel.log_density.front()), level(panel.log_density.back()),
                   slope_before(i), slope_behind(i), width);
  return width * std::exp(most - top_) > kNoMass * total_;
}

bool LineSearch::may_hide_a_peak(const Panel& panel) const {
  for (int k = 1; k + 2 < kPanelNodes; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const PanelValues& logs = panel.log_density;
    const double left = level(logs[at]), right = level(logs[at + 1]);
    const double low = panel.place(k), high = panel.place(k + 1);
    const double most =
        most_between(left, right, slope(panel.place(k - 1), low, level(logs[at - 1]), left),
                     slope(high, panel.place(k + 2), right, level(logs[at + 2])), high - low);
    if (most > std::max(left, right) + kHiddenNats &&
        (high - low) * std::exp(most - top_) > kNoMass * total_) {
      return true;
    }
  }
  return false;
}

/// A smooth density is worth the last halving, after which nothing is left to do; one that is
/// jagged gains a quarter by each.
bool LineSearch::is_fine(const Panel& panel) const {
  if (is_thin(panel.low, panel.high)) return true;
  const Mass mass = mass_of(panel);
  const bool jagged = panel.distance_before >= 0 && mass.distance > kJagged * panel.distance_before;
  const bool fine = mass.smooth_error <= kSmooth * total_ ||
                    (jagged && mass.distance <= kFine * total_) ||
                    mass.distance <= noise_ * mass.value;
  return fine && !may_hide_a_peak(panel);
}

/// A panel twice as wide before the first or behind the last, where there the density has not come
/// to its end.
void LineSearch::extend() {
  if (closed_ || extensions_ >= kMostExtensions) return;
  const auto goes_on = [&](double log_density, const Panel& panel) {
    return log_density - top_ + std::log(panel.high - panel.low) > std::log(total_) - kEndNats;
  };
  const Panel first = panels_.front(), last = panels_.back();
  if (goes_on(last.log_density.back(), last)) {
    Panel more{last.high, last.high + 2 * (last.high - last.low), {}, true};
    more.log_density.fill(kUnknown);
    more.log_density.front() = last.log_density.back();
    if (std::isfinite(more.high)) panels_.push_back(more);
    ++extensions_;
  }
  if (goes_on(first.log_density.front(), first)) {
    Panel more{first.low - 2 * (first.high - first.low), first.low, {}, true};
    more.log_density.fill(kUnknown);
    more.log_density.back() = first.log_density.front();
    if (std::isfinite(more.low)) panels_.insert(panels_.begin(), more);
    ++extensions_;
  }
}

/// Asks for what is not known of the panel that comes next in `panels`.
void LineSearch::want(const Panel& panel, std::vector<Panel>& panels) {
  for (int node = 0; node < kPanelNodes; ++node) {
    if (!std::isnan(panel.log_density[static_cast<std::size_t>(node)])) continue;
    places_.push_back({wanted_.size(), panels.size(), node});
    wanted_.push_back(panel.place(node));
  }
  panels.push_back(panel);
}

void LineSearch::halve(const Panel& panel, std::vector<Panel>& panels) {
  constexpr std::size_t middle = kPanelNodes / 2;
  const double place = panel.place(middle);
  Panel left{panel.low, place, {}, true}, right{place, panel.high, {}, true};
  left.distance_before = right.distance_before = mass_of(panel).distance;
  left.log_density.fill(kUnknown);
  right.log_density.fill(kUnknown);
  left.log_density.front() = panel.log_density.front();
  left.log_density.back() = right.log_density.front() = panel.log_density[middle];
  right.log_density.back() = panel.log_density.back();
  want(left, panels);
  want(right, panels);
}

void LineSearch::plan() {
  wanted_.clear();
  places_.clear();
  measure();
  if (!std::isfinite(top_) || !(total_ > 0)) return;
  if (asked_ > kMostPlaces) {
    accurate_ = false;
    return;
  }
  extend();
  std::vector<Panel> next;
  for (std::size_t i = 0; i < panels_.size(); ++i) {
    Panel panel = panels_[i];
    const bool ready =
        panel.looked && std::none_of(panel.log_density.begin(), panel.log_density.end(),
                                     [](double x) { return std::isnan(x); });
    if (panel.settled) {
      next.push_back(panel);
    } else if (!panel.looked) {
      panel.looked = may_have_mass(i);
      if (panel.looked) {
        want(panel, next);
      } else {
        next.push_back(panel);
      }
    } else if (!ready) {
      want(panel, next);
    } else if (is_fine(panel)) {
      panel.settled = true;
      next.push_back(panel);
    } else {
      halve(panel, next);
    }
  }
  panels_ = std::move(next);
  asked_ += wanted_.size();
}

LineDensity LineSearch::result() const {
  LineDensity density;
  density.known = std::isfinite(top_) && total_ > 0;
  density.accurate = accurate_;
  if (!density.known) return density;
  double total = 0;
  for (const Panel& panel : panels_) {
    PanelValues values{};
    const double first = std::exp(panel.log_density.front() - top_);
    const double last = std::exp(panel.log_density.back() - top_);
    for (std::size_t k = 0; k < values.size(); ++k) {
      values[k] = panel.looked ? std::exp(panel.log_density[k] - top_)
                               : between(first, last, panel_nodes()[k]);
      if (std::isnan(values[k])) values[k] = 0;
    }
    LinePanel made{panel.low, panel.high, PanelPolynomial(values), 0, total, panel.log_density};
    made.mass = std::max(0.0, made.density.integral(1) * (panel.high - panel.low) / 2);
    total += made.mass;
    density.panels.push_back(made);
  }
  for (LinePanel& panel : density.panels) {
    panel.mass /= total;
    panel.before /= total;
  }
  density.total = total;
  density.top = top_;
  density.log_mass = top_ + std::log(total);
  return density;
}

double LinePanel::share_below(double u, double total) const {
  const double x = std::clamp(2 * (u - low) / (high - low) - 1, -1.0, 1.0);
  return before + std::clamp(density.integral(x) * (high - low) / 2 / total, 0.0, mass);
}

double LineDensity::share_below(double u) const {
  if (!(u > panels.front().low)) return 0;
  if (u >= panels.back().high) return 1;
  const auto next = std::upper_bound(panels.begin(), panels.end(), u,
                                     [](double x, const LinePanel& p) { return x < p.low; });
  return std::min(1.0, std::prev(next)->share_below(u, total));
}

double LineDensity::place_of(double share) const {
  auto panel = std::lower_bound(panels.begin(), panels.end(), share,
                                [](const LinePanel& p, double x) { return p.before + p.mass < x; });
  if (panel == panels.end()) --panel;
  double low = panel->low, high = panel->high;
  for (int step = 0; step < kBisections; ++step) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (panel->share_below(middle, total) < share ? low : high) = middle;
  }
  return high;
}

double LineDensity::log_density(double u) const {
  if (!(u >= panels.front().low && u <= panels.back().high)) return -kInfinity;
  const auto next = std::upper_bound(panels.begin(), panels.end(), u,
                                     [](double x, const LinePanel& p) { return x < p.low; });
  const LinePanel& panel = *std::prev(next);
  const double x = std::clamp(2 * (u - panel.low) / (panel.high - panel.low) - 1, -1.0, 1.0);
  const PanelValues& logs = panel.log_density;
  if (std::isnan(logs[1])) {
    const bool finite = std::isfinite(logs.front()) && std::isfinite(logs.back());
    return finite ? between(logs.front(), logs.back(), x) - log_mass : -kInfinity;
  }
  const auto [least, most] = std::minmax_element(logs.begin(), logs.end());
  if (*most - *least < kMostLogRange) return PanelPolynomial(logs).value(x) - log_mass;
  return std::log(std::max(0.0, panel.density.value(x))) + top - log_mass;
}

}  // namespace nflow
