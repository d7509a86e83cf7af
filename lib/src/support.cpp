#include "nflow/support.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "math/constants.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/labels.h"

namespace nflow {
namespace {

using Kind = Support::Kind;

/// How far inside, in widths, a row on an end of an interval is taken to be.
constexpr double kEndShare = 1e-6;

constexpr double kMostInteger = 0x1p53;

/// Beyond it an angle of float32 is known to less than a millionth of a turn.
constexpr int kMostWindings = 16;

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

double end_of(std::string_view text, std::string_view whole) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stop != end || !std::isfinite(value)) {
    throw UsageError("support '" + std::string(whole) + "': '" + std::string(text) +
                     "' is not a number");
  }
  return value;
}

constexpr std::string_view kCircular = "CIRCULAR", kGrid = "GRID[", kAsinh = "ASINH",
                           kMissing = "missing";

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

/// The two ends behind `word`, which is empty or CIRCULAR, and for the second a cut.
Support parse_ends(Kind kind, std::string_view word, std::string_view text) {
  const std::size_t open = word.size(), comma = text.find(',');
  const std::size_t second = text.find(',', comma == text.npos ? comma : comma + 1);
  if (kind == Kind::circular && second != text.npos && text.back() == ']') {
    Support arc = parse_ends(kind, word, std::string(text.substr(0, second)) + "]");
    arc.kind = Kind::arc;
    arc.cut = end_of(text.substr(second + 1, text.size() - second - 2), text);
    if (!(arc.low <= arc.cut && arc.cut <= arc.high)) {
      throw UsageError("support '" + std::string(text) + "': the cut must be between lo and hi");
    }
    return arc;
  }
  if (comma == text.npos || text[open] != '[' || text.back() != ']') {
    throw UsageError("support '" + std::string(text) + "': expected " + std::string(word) +
                     "[lo,hi]");
  }
  Support support{kind, end_of(text.substr(open + 1, comma - open - 1), text),
                  end_of(text.substr(comma + 1, text.size() - comma - 2), text)};
  if (!(support.low < support.high) || !std::isfinite(support.high - support.low)) {
    throw UsageError("support '" + std::string(text) + "': lo must be less than hi");
  }
  return support;
}

/// CIRCULAR[lo,hi]~[k,...], whose tilde stands at `tilde`.
Support parse_winding(std::string_view text, std::size_t tilde) {
  Support circle = parse_ends(Kind::circular, kCircular, text.substr(0, tilde));
  std::string_view list = text.substr(tilde + 1);
  bool sound =
      circle.kind == Kind::circular && list.size() > 2 && list.front() == '[' && list.back() == ']';
  for (const char *at = list.data() + 1, *end = list.data() + list.size() - 1; sound && at < end;) {
    int turns = 0;
    const auto [stop, failed] = std::from_chars(at, end, turns);
    sound = failed == std::errc() && std::abs(turns) <= kMostWindings &&
            (stop == end || (*stop == ',' && stop + 1 < end));
    circle.winding.push_back(turns);
    at = stop + 1;
  }
  if (sound && circle.winding.back() != 0) return circle;
  throw UsageError("support '" + std::string(text) +
                   "': expected CIRCULAR[lo,hi]~[k,...], whole numbers from -" +
                   std::to_string(kMostWindings) + " to " + std::to_string(kMostWindings) +
                   ", the last not 0");
}

Support parse_asinh(std::string_view text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  Support support{Kind::asinh};
  if (comma < text.size() && text[kAsinh.size()] == '[' && text.back() == ']') {
    const std::size_t open = kAsinh.size() + 1;
    support.centre = end_of(text.substr(open, comma - open), text);
    support.width = end_of(text.substr(comma + 1, text.size() - comma - 2), text);
  }
  if (!(support.width > 0)) {
    throw UsageError("support '" + std::string(text) +
                     "': expected ASINH[centre,width], a width above 0");
  }
  return support;
}

std::string ends_text(const Support& support) {
  return "[" + number_text(support.low) + "," + number_text(support.high) + "]";
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

/// GRID[step].
static Support parse_grid(std::string_view text) {
  Support grid{Kind::grid};
  if (text.back() == ']') {
    grid.step = end_of(text.substr(kGrid.size(), text.size() - kGrid.size() - 1), text);
  }
  if (!(grid.step > 0)) {
    throw UsageError("support '" + std::string(text) + "': expected GRID[step], a step above 0");
  }
  return grid;
}

/// The part of `text`, KIND+{v,...}, in braces.
static void parse_atoms(std::string_view list, std::string_view text, Support& support) {
  for (std::size_t first = 0; first <= list.size();) {
    const std::size_t comma = std::min(list.find(',', first), list.size());
    const std::string_view item = list.substr(first, comma - first);
    if (item == kMissing) {
      support.holes = true;
    } else {
      support.atoms.push_back(end_of(item, text) + 0.0);
    }
    first = comma + 1;
  }
  std::sort(support.atoms.begin(), support.atoms.end());
  const auto twice = std::adjacent_find(support.atoms.begin(), support.atoms.end());
  if (twice != support.atoms.end()) {
    throw UsageError("support '" + std::string(text) + "' names a value twice");
  }
}

Support parse_support(std::string_view text) {
  const std::size_t plus = text.find("+{");
  if (plus != text.npos && text.back() == '}') {
    Support support = parse_support(text.substr(0, plus));
    if (support.kind == Kind::integer) support = {Kind::grid, 0, 0, 0, 1};
    if (support.kind == Kind::circular || support.kind == Kind::arc) {
      throw UsageError("support '" + std::string(text) + "': a circle takes no values beside it");
    }
    if (support.kind == Kind::asinh) {
      throw UsageError("support '" + std::string(text) + "': ASINH takes no values beside it");
    }
    parse_atoms(text.substr(plus + 2, text.size() - plus - 3), text, support);
    if (!support.atoms.empty() && (support.kind == Kind::category || support.kind == Kind::grid)) {
      throw UsageError("support '" + std::string(text) +
                       "': each of its values has a mass of its own already");
    }
    return support;
  }
  if (text == "REAL") return {};
  if (text == "CATEGORY") return {Kind::category};
  if (text.substr(0, kGrid.size()) == kGrid) return parse_grid(text);
  if (text == "POSITIVE") return {Kind::positive};
  if (text == "INTEGER") return {Kind::integer};
  if (!text.empty() && text.front() == '[') return parse_ends(Kind::interval, "", text);
  if (text.substr(0, kAsinh.size()) == kAsinh) return parse_asinh(text);
  if (text.substr(0, kCircular.size()) == kCircular) {
    const std::size_t tilde = text.find('~');
    if (tilde != text.npos) return parse_winding(text, tilde);
    return parse_ends(Kind::circular, kCircular, text);
  }
  throw UsageError("unknown support '" + std::string(text) +
                   "'; there are REAL, POSITIVE, [lo,hi], ASINH[centre,width], INTEGER, "
                   "GRID[step], CATEGORY, CIRCULAR[lo,hi] and KIND+{v,...}");
}

static std::string winding_text(const std::vector<int>& winding) {
  std::string list;
  for (const int turns : winding) list += (list.empty() ? "" : ",") + std::to_string(turns);
  return list.empty() ? "" : "~[" + list + "]";
}

static std::string kind_text(const Support& support) {
  switch (support.kind) {
    case Kind::category:
      return "CATEGORY";
    case Kind::grid:
      return std::string(kGrid) + number_text(support.step) + "]";
    case Kind::positive:
      return "POSITIVE";
    case Kind::asinh:
      return std::string(kAsinh) + "[" + number_text(support.centre) + "," +
             number_text(support.width) + "]";
    case Kind::interval:
      return ends_text(support);
    case Kind::circular:
      return std::string(kCircular) + ends_text(support) + winding_text(support.winding);
    case Kind::arc: {
      const std::string ends = ends_text(support);
      return std::string(kCircular) + ends.substr(0, ends.size() - 1) + "," +
             number_text(support.cut) + "]";
    }
    case Kind::integer:
      return "INTEGER";
    default:
      return "REAL";
  }
}

std::string to_text(const Support& support) {
  std::string list;
  for (const double atom : support.atoms) list += (list.empty() ? "" : ",") + number_text(atom);
  if (support.holes) list += (list.empty() ? "" : ",") + std::string(kMissing);
  return kind_text(support) + (list.empty() ? "" : "+{" + list + "}");
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

std::ptrdiff_t circular_columns(const std::vector<Support>& supports) {
  return std::count_if(supports.begin(), supports.end(),
                       [](const Support& s) { return s.kind == Support::Kind::circular; });
}

std::ptrdiff_t cut_columns(const std::vector<Support>& supports) {
  return std::count_if(supports.begin(), supports.end(),
                       [](const Support& s) { return s.is_cut(); });
}

}  // namespace nflow
