#include <algorithm>
#include <charconv>
#include <cmath>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/support.h"

// Supports as text.

namespace nflow {
namespace {

using Kind = Support::Kind;

/// Beyond it an angle of float32 is known to less than a millionth of a turn.
constexpr int kMostWindings = 16;
/// More are more parameters than rows tell.
constexpr int kMostWaves = 64;

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

/// CIRCULAR[lo,hi]~[k,...;w], whose tilde stands at `tilde`.
Support parse_winding(std::string_view text, std::size_t tilde) {
  Support circle = parse_ends(Kind::circular, kCircular, text.substr(0, tilde));
  std::string_view list = text.substr(tilde + 1);
  bool sound =
      circle.kind == Kind::circular && list.size() > 2 && list.front() == '[' && list.back() == ']';
  const std::size_t semicolon = list.find(';');
  if (sound && semicolon != list.npos) {
    const char* end = list.data() + list.size() - 1;
    const auto [stop, failed] = std::from_chars(list.data() + semicolon + 1, end, circle.waves);
    sound = failed == std::errc() && stop == end && circle.waves > 0 && circle.waves <= kMostWaves;
    list = list.substr(0, semicolon + 1);
  }
  for (const char *at = list.data() + 1, *end = list.data() + list.size() - 1; sound && at < end;) {
    int turns = 0;
    const auto [stop, failed] = std::from_chars(at, end, turns);
    sound = failed == std::errc() && turns >= -kMostWindings && turns <= kMostWindings &&
            (stop == end || (*stop == ',' && stop + 1 < end));
    circle.winding.push_back(turns);
    at = stop + 1;
  }
  if (sound && (circle.winding.empty() || circle.winding.back() != 0)) return circle;
  throw UsageError("support '" + std::string(text) +
                   "': expected CIRCULAR[lo,hi]~[k,...;w], whole numbers k from -" +
                   std::to_string(kMostWindings) + " to " + std::to_string(kMostWindings) +
                   ", the last not 0, and w from 1 to " + std::to_string(kMostWaves) +
                   ", either of which may be left out");
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

/// GRID[step].
Support parse_grid(std::string_view text) {
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
void parse_atoms(std::string_view list, std::string_view text, Support& support) {
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

std::string winding_text(const Support& circle) {
  std::string list;
  for (const int turns : circle.winding) list += (list.empty() ? "" : ",") + std::to_string(turns);
  if (circle.waves > 0) list += ";" + std::to_string(circle.waves);
  return list.empty() ? "" : "~[" + list + "]";
}

std::string kind_text(const Support& support) {
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
      return std::string(kCircular) + ends_text(support) + winding_text(support);
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

}  // namespace

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

std::string to_text(const Support& support) {
  std::string list;
  for (const double atom : support.atoms) list += (list.empty() ? "" : ",") + number_text(atom);
  if (support.holes) list += (list.empty() ? "" : ",") + std::string(kMissing);
  return kind_text(support) + (list.empty() ? "" : "+{" + list + "}");
}

}  // namespace nflow
