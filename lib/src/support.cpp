#include "nflow/support.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/constants.h"
#include "nflow/labels.h"

namespace nflow {
namespace {

using Kind = Support::Kind;

/// How far inside, in widths, a row on an end of an interval is taken to be.
constexpr double kEndShare = 1e-6;

constexpr double kMostInteger = 0x1p53;

// A circle is cut open where the mean direction's length is that of a deviation of 35 degrees or
// less, and no row is within an eighth of a turn of the other side.
constexpr Index kFewestRowsToCut = 30;
constexpr double kLeastConcentration = 0.83, kEmptySide = 0.125;

/// Distances of x from both ends; those of a point inside for the ends themselves.
struct Distances {
  double below;
  double above;
};

Distances distances(const Support& s, double x) {
  const double width = s.high - s.low, inside = kEndShare * width;
  double below = x - s.low, above = s.high - x;
  if (s.kind == Kind::arc) {  // the ends are where the circle is cut
    below = x - s.cut + (x < s.cut ? width : 0);
    above = s.cut - x + (x < s.cut ? 0 : width);
  }
  if (!(below > 0)) return {inside, width - inside};
  if (!(above > 0)) return {width - inside, inside};
  return {below, above};
}

/// x at these distances from the ends.
double at_distances(const Support& s, double below, double above) {
  if (s.kind != Kind::arc) return below < above ? s.low + below : s.high - above;
  const double x = below < above ? s.cut + below : s.cut - above;
  const double width = s.high - s.low;
  return x > s.high ? x - width : x < s.low ? x + width : x;
}

/// Far out, where a quotient or an exponential may be beyond all numbers, arsinh t is log 2t.
constexpr double kFarOnScale = 700;

double from_centre(const Support& s, double x) {
  constexpr double most = std::numeric_limits<double>::max();
  return std::clamp(x - s.centre, -most, most);
}

double to_asinh(const Support& s, double x) {
  const double away = from_centre(s, x), share = away / s.width;
  if (std::isfinite(share)) return std::asinh(share);
  return std::copysign(std::log(2.0) + std::log(std::fabs(away)) - std::log(s.width), away);
}

double from_asinh(const Support& s, double u) {
  const double away = std::fabs(u) < kFarOnScale
                          ? s.width * std::sinh(u)
                          : std::copysign(std::exp(std::fabs(u) + std::log(s.width / 2)), u);
  constexpr double most = std::numeric_limits<double>::max();
  return std::clamp(s.centre + away, -most, most);
}

double middle_of(const Support& support) { return support.low + (support.high - support.low) / 2; }

}  // namespace

Support Support::base() const {
  Support base = *this;
  base.atoms.clear();
  base.holes = false;
  base.cells = nullptr;
  return base;
}

Support Support::in_turns() const {
  Support turns = *this;
  turns.low = -0.5;
  turns.high = 0.5;
  return turns;
}

bool Support::contains(double x) const {
  if (cells) return cells->contains(x);
  if (is_hole(x)) return holes;
  if (kind == Kind::category) return true;
  if (is_label(x)) return false;
  if (!atoms.empty() && std::binary_search(atoms.begin(), atoms.end(), x)) return true;
  switch (kind) {
    case Kind::positive:
      return x > 0 && std::isfinite(x);
    case Kind::asinh:
      return std::isfinite(x);
    case Kind::interval:
    case Kind::circular:
    case Kind::arc:
      return x >= low && x <= high;
    case Kind::integer:
      return std::floor(x) == x && std::fabs(x) <= kMostInteger;
    case Kind::grid:
      return std::fabs(x / step - std::round(x / step)) <= 1e-6 &&
             std::fabs(x / step) <= kMostInteger;
    default:
      return true;
  }
}

double Support::to_line(double x, double v) const {
  if (cells) return cells->to_line(x, v);
  return kind == Kind::integer ? x + v : to_line(x);
}

double Support::to_line(double x) const {
  if (cells) return cells->to_line(x, 0.5);
  switch (kind) {
    case Kind::positive:
      return std::log(x);
    case Kind::interval:
    case Kind::arc: {
      const auto [below, above] = distances(*this, x);
      return std::log(below) - std::log(above);
    }
    case Kind::asinh:
      return to_asinh(*this, x);
    case Kind::integer:
      return x + 0.5;
    case Kind::circular:
      return std::clamp((x - middle_of(*this)) / (high - low), -0.5, 0.5);
    default:
      return x;
  }
}

double Support::log_slope(double x) const {
  if (cells) return cells->log_slope(x);
  switch (kind) {
    case Kind::positive:
      return -std::log(x);
    case Kind::interval:
    case Kind::arc: {
      const auto [below, above] = distances(*this, x);
      return std::log(high - low) - std::log(below) - std::log(above);
    }
    case Kind::asinh:
      return -std::log(std::hypot(from_centre(*this, x), width));
    case Kind::circular:
      return -std::log(high - low);
    default:
      return 0;
  }
}

double Support::from_line(double u) const {
  if (cells) return cells->from_line(u);
  switch (kind) {
    case Kind::positive:
      return std::clamp(std::exp(u), std::numeric_limits<double>::min(),
                        std::numeric_limits<double>::max());
    case Kind::interval:
    case Kind::arc: {
      // From the nearer end, so that nothing is lost beside it.
      const double away = std::exp(-std::fabs(u)), whole = high - low;
      const double near = whole * (away / (1 + away)), far = whole - near;
      const double x = u < 0 ? at_distances(*this, near, far) : at_distances(*this, far, near);
      return std::clamp(x, low, high);
    }
    case Kind::asinh:
      return from_asinh(*this, u);
    case Kind::integer:
      return std::clamp(std::floor(u), -kMostInteger, kMostInteger) + 0.0;  // no negative zero
    case Kind::circular:
      return std::clamp(middle_of(*this) + u * (high - low), low, high);
    default:
      return u;
  }
}

Support cut_open(const Support& support, const RowMatrix& rows, Index column,
                 const std::vector<double>& weights) {
  if (support.kind != Kind::circular || rows.rows() < kFewestRowsToCut) return support;
  const auto weight = [&](Index r) { return weights.empty() ? 1 : weights[std::size_t(r)]; };
  double cosine = 0, sine = 0, total = 0;
  for (Index r = 0; r < rows.rows(); ++r) {
    const double angle = kTwoPi * support.to_line(rows(r, column));
    cosine += weight(r) * std::cos(angle);
    sine += weight(r) * std::sin(angle);
    total += weight(r);
  }
  if (std::hypot(cosine, sine) < kLeastConcentration * total) return support;
  const double opposite = std::atan2(-sine, -cosine) / kTwoPi;
  for (Index r = 0; r < rows.rows(); ++r) {
    const double away = support.to_line(rows(r, column)) - opposite;
    if (std::fabs(away - std::round(away)) < kEmptySide && weight(r) > 0) return support;
  }
  Support arc = support;
  arc.kind = Kind::arc;
  arc.cut = support.from_line(opposite);
  return arc;
}

bool any_bounded(const std::vector<Support>& supports) {
  return std::any_of(supports.begin(), supports.end(),
                     [](const Support& s) { return s.kind != Support::Kind::real || s.is_cut(); });
}

bool any_winding(const std::vector<Support>& supports) {
  return std::any_of(supports.begin(), supports.end(),
                     [](const Support& s) { return !s.winding.empty(); });
}

bool any_drift(const std::vector<Support>& supports) {
  return std::any_of(supports.begin(), supports.end(),
                     [](const Support& s) { return s.waves > 0; });
}

bool any_early_winding(const std::vector<Support>& supports) {
  std::size_t circles = 0;
  for (const Support& support : supports) {
    if (support.kind != Support::Kind::circular) continue;
    if (support.winding.size() > circles++) return true;
  }
  return false;
}

std::ptrdiff_t circular_columns(const std::vector<Support>& supports) {
  return std::count_if(supports.begin(), supports.end(),
                       [](const Support& s) { return s.kind == Support::Kind::circular; });
}

std::ptrdiff_t cut_columns(const std::vector<Support>& supports) {
  return std::count_if(supports.begin(), supports.end(),
                       [](const Support& s) { return s.is_cut(); });
}

}  // namespace nflow
