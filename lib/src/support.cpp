#include "nflow/support.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "nflow/csv.h"
#include "nflow/error.h"

namespace nflow {
namespace {

using Kind = Support::Kind;

/// How far inside, in widths, a row on an end of an interval is taken to be.
constexpr double kEndShare = 1e-6;

constexpr double kMostInteger = 0x1p53;

/// Distances of x from both ends; those of a point inside for the ends themselves.
struct Distances {
  double below;
  double above;
};

Distances distances(const Support& s, double x) {
  const double inside = kEndShare * (s.high - s.low), rest = (s.high - s.low) - inside;
  if (x <= s.low) return {inside, rest};
  if (x >= s.high) return {rest, inside};
  return {x - s.low, s.high - x};
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

constexpr std::string_view kCircular = "CIRCULAR";

/// The two ends behind `word`, which is empty or CIRCULAR.
Support parse_ends(Kind kind, std::string_view word, std::string_view text) {
  const std::size_t open = word.size(), comma = text.find(',');
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

std::string ends_text(const Support& support) {
  return "[" + number_text(support.low) + "," + number_text(support.high) + "]";
}

double middle_of(const Support& support) { return support.low + (support.high - support.low) / 2; }

}  // namespace

bool Support::contains(double x) const {
  switch (kind) {
    case Kind::positive:
      return x > 0 && std::isfinite(x);
    case Kind::interval:
    case Kind::circular:
      return x >= low && x <= high;
    case Kind::integer:
      return std::floor(x) == x && std::fabs(x) <= kMostInteger;
    default:
      return true;
  }
}

double Support::to_line(double x) const {
  switch (kind) {
    case Kind::positive:
      return std::log(x);
    case Kind::interval: {
      const auto [below, above] = distances(*this, x);
      return std::log(below) - std::log(above);
    }
    case Kind::integer:
      return x + 0.5;
    case Kind::circular:
      return std::clamp((x - middle_of(*this)) / (high - low), -0.5, 0.5);
    default:
      return x;
  }
}

double Support::log_slope(double x) const {
  switch (kind) {
    case Kind::positive:
      return -std::log(x);
    case Kind::interval: {
      const auto [below, above] = distances(*this, x);
      return std::log(high - low) - std::log(below) - std::log(above);
    }
    case Kind::circular:
      return -std::log(high - low);
    default:
      return 0;
  }
}

double Support::from_line(double u) const {
  switch (kind) {
    case Kind::positive:
      return std::clamp(std::exp(u), std::numeric_limits<double>::min(),
                        std::numeric_limits<double>::max());
    case Kind::interval: {
      // From the nearer end, so that nothing is lost beside it.
      const double away = std::exp(-std::fabs(u));
      const double distance = (high - low) * (away / (1 + away));
      return std::clamp(u < 0 ? low + distance : high - distance, low, high);
    }
    case Kind::integer:
      return std::clamp(std::floor(u), -kMostInteger, kMostInteger) + 0.0;  // no negative zero
    case Kind::circular:
      return std::clamp(middle_of(*this) + u * (high - low), low, high);
    default:
      return u;
  }
}

Support parse_support(std::string_view text) {
  if (text == "REAL") return {};
  if (text == "POSITIVE") return {Kind::positive};
  if (text == "INTEGER") return {Kind::integer};
  if (!text.empty() && text.front() == '[') return parse_ends(Kind::interval, "", text);
  if (text.substr(0, kCircular.size()) == kCircular) {
    return parse_ends(Kind::circular, kCircular, text);
  }
  throw UsageError("unknown support '" + std::string(text) +
                   "'; there are REAL, POSITIVE, [lo,hi], INTEGER and CIRCULAR[lo,hi]");
}

std::string to_text(const Support& support) {
  switch (support.kind) {
    case Kind::positive:
      return "POSITIVE";
    case Kind::interval:
      return ends_text(support);
    case Kind::circular:
      return std::string(kCircular) + ends_text(support);
    case Kind::integer:
      return "INTEGER";
    default:
      return "REAL";
  }
}

bool any_bounded(const std::vector<Support>& supports) {
  return std::any_of(supports.begin(), supports.end(),
                     [](const Support& s) { return s.kind != Kind::real; });
}

std::ptrdiff_t circular_columns(const std::vector<Support>& supports) {
  return std::count_if(supports.begin(), supports.end(),
                       [](const Support& s) { return s.kind == Kind::circular; });
}

}  // namespace nflow
