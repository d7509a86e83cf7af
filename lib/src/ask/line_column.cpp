#include "ask/line_column.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "math/constants.h"

namespace nflow {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kEnds = 1e-9;            // of the mass, beyond which no integer is looked at
constexpr double kMostIntegers = 100000;  // that are summed one by one
constexpr int kParts = 32;                // of a panel, where the mode may be
constexpr int kSteps = 60;                // to the mode

/// The integral of f(u) over the density, given its values at the nodes.
template <class F>
double expectation(const LineDensity& line, const F& f) {
  double sum = 0;
  for (const LinePanel& panel : line.panels) {
    if (std::isnan(panel.log_density[1])) continue;  // has no mass to speak of
    const double half = (panel.high - panel.low) / 2, middle = panel.low + half;
    PanelValues values{};
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double share = std::exp(panel.log_density[k] - line.log_mass);
      values[k] = share > 0 ? share * f(middle + half * panel_nodes()[k]) : 0;
    }
    sum += half * panel_integral(values).value;
  }
  return sum;
}

}  // namespace

LineColumn::LineColumn(const Support& support, LineDensity density)
    : support_(support), line_(std::move(density)) {
  const bool turned = support_.kind == Support::Kind::arc && support_.cut > support_.low &&
                      support_.cut < support_.high;
  if (turned && line_.known) turned_ = line_.share_below(support_.to_line(support_.low));
}

double LineColumn::below(double value) const {
  if (!line_.known || std::isnan(value)) return kNaN;
  switch (support_.kind) {
    case Support::Kind::integer:
      return line_.share_below(std::ceil(value));
    case Support::Kind::positive:
      return value > 0 ? line_.share_below(std::log(value)) : 0;
    case Support::Kind::interval:
    case Support::Kind::circular:
    case Support::Kind::arc:
      if (!(value > support_.low)) return 0;
      if (!(value < support_.high)) return 1;
      break;
    default:
      break;
  }
  const double share = line_.share_below(support_.to_line(value)) - turned_;
  return turned_ > 0 && value >= support_.cut ? share + 1 : std::max(0.0, share);
}

double LineColumn::at(double value) const {
  if (!line_.known || std::isnan(value)) return kNaN;
  if (!is_integer() || !support_.contains(value)) return 0;
  return line_.share_below(value + 1) - line_.share_below(value);
}

double LineColumn::quantile(double share) const {
  if (!line_.known) return kNaN;
  const double turned = share + turned_;
  return support_.from_line(line_.place_of(turned > 1 ? turned - 1 : turned));
}

double LineColumn::mean() const {
  if (!line_.known) return kNaN;
  if (is_round()) return mean_direction();
  if (is_integer()) return mean_integer();
  return expectation(line_, [&](double u) { return support_.from_line(u); });
}

double LineColumn::mean_direction() const {
  const double width = support_.high - support_.low;
  const auto angle = [&](double u) {
    return kTwoPi * (support_.from_line(u) - support_.low) / width;
  };
  const double x = expectation(line_, [&](double u) { return std::cos(angle(u)); });
  const double y = expectation(line_, [&](double u) { return std::sin(angle(u)); });
  const double turns = std::atan2(y, x) / kTwoPi;
  return support_.low + width * (turns < 0 ? turns + 1 : turns);
}

double LineColumn::mean_integer() const {
  const double first = std::floor(line_.place_of(kEnds));
  const double last = std::floor(line_.place_of(1 - kEnds));
  if (last - first > kMostIntegers) {
    return expectation(line_, [](double u) { return u; }) - 0.5;
  }
  double sum = 0, total = 0, before = line_.share_below(first);
  for (double k = first; k <= last; ++k) {
    const double through = line_.share_below(k + 1);
    sum += (k - first) * (through - before);
    total += through - before;
    before = through;
  }
  return first + sum / total;
}

/// The log density of the column itself, in its unit.
double LineColumn::log_density_at(double u) const {
  const double y = support_.from_line(u);
  return line_.log_density(u) + support_.log_slope(y);
}

double LineColumn::mode() const {
  if (!line_.known) return kNaN;
  double best = -kInfinity, place = kNaN, step = 0;
  for (const LinePanel& panel : line_.panels) {
    if (std::isnan(panel.log_density[1])) continue;
    for (int k = 0; k <= kParts; ++k) {
      const double u = panel.low + (panel.high - panel.low) * k / kParts;
      const double value = is_integer() ? line_.log_density(u) : log_density_at(u);
      if (value <= best) continue;
      best = value;
      place = u;
      step = (panel.high - panel.low) / kParts;
    }
  }
  if (is_integer()) return mode_integer();
  double low = std::max(place - step, line_.panels.front().low);
  double high = std::min(place + step, line_.panels.back().high);
  for (int i = 0; i < kSteps; ++i) {
    const double one = low + (high - low) / 3, two = high - (high - low) / 3;
    (log_density_at(one) < log_density_at(two) ? low : high) =
        log_density_at(one) < log_density_at(two) ? one : two;
  }
  return support_.from_line(low + (high - low) / 2);
}

double LineColumn::mode_integer() const {
  double best = -1, mode = kNaN;
  for (const LinePanel& panel : line_.panels) {
    if (std::isnan(panel.log_density[1])) continue;
    const double first = std::floor(panel.low), last = std::floor(panel.high);
    const double stride = std::max(1.0, std::floor((last - first) / kParts));
    for (double k = first; k <= last; k += stride) {
      if (at(k) <= best) continue;
      best = at(k);
      mode = k;
    }
  }
  return mode;
}

double LineColumn::density(double value) const {
  if (!line_.known) return kNaN;
  if (std::isnan(value) || !support_.contains(value)) return 0;
  if (is_integer()) return at(value);
  return std::exp(line_.log_density(support_.to_line(value)) + support_.log_slope(value));
}

}  // namespace nflow
