#include "nflow/support.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

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

Support parse_interval(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == text.npos || text.back() != ']') {
    throw UsageError("support '" + std::string(text) + "': expected [lo,hi]");
  }
  Support support{Kind::interval, end_of(text.substr(1, comma - 1), text),
                  end_of(text.substr(comma + 1, text.size() - comma - 2), text)};
  if (!(support.low < support.high) || !std::isfinite(support.high - support.low)) {
    throw UsageError("support '" + std::string(text) + "': lo must be less than hi");
  }
  return support;
}

std::string shortest(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

}  // namespace

bool Support::contains(double x) const {
  switch (kind) {
    case Kind::positive:
      return x > 0 && std::isfinite(x);
    case Kind::interval:
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
    default:
      return u;
  }
}

Support parse_support(std::string_view text) {
  if (text == "REAL") return {};
  if (text == "POSITIVE") return {Kind::positive};
  if (text == "INTEGER") return {Kind::integer};
  if (!text.empty() && text.front() == '[') return parse_interval(text);
  throw UsageError("unknown support '" + std::string(text) +
                   "'; there are REAL, POSITIVE, [lo,hi] and INTEGER");
}

std::string to_text(const Support& support) {
  switch (support.kind) {
    case Kind::positive:
      return "POSITIVE";
    case Kind::interval:
      return "[" + shortest(support.low) + "," + shortest(support.high) + "]";
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

}  // namespace nflow
