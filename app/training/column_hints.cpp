#include "training/column_hints.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "nflow/preflight.h"
#include "report/log.h"
#include "training/column_advice.h"

namespace nflow::app {
namespace {

const Index kFewestRows = 10;      // fewer say nothing about a column
const double kManyAtAnEnd = 0.01;  // share of the rows
const Index kFewestAtAnEnd = 3;    // in a small table one row is that share

using Column = Eigen::ArrayXd;
using Names = std::vector<std::string>;

/// Share of the rows at an end; 0 where they are too few to tell.
double share_at(const Column& x, double end) {
  const Index count = (x == end).count();
  return count < kFewestAtAnEnd ? 0 : static_cast<double>(count) / static_cast<double>(x.size());
}

/// A number that stands for missing by its looks.
struct Code {
  double value, share;
};

/// -200, -999, 9999: nines alone, or hundreds below 0.
bool looks_like_code(double value) {
  const double size = std::fabs(value);
  if (size != std::floor(size) || size < 9 || size > 1e9) return false;
  const std::string digits = fmt::format("{:.0f}", size);
  if (digits.find_first_not_of('9') == digits.npos) return size > 9 || value < 0;
  return value < 0 && std::fmod(size, 100) == 0;
}

/// The least or largest value, where it looks like a code, many rows have it, and it stands apart:
/// by more than the range of the others, or as the only one below 0.
std::optional<Code> code_of(const RowMatrix& rows, Index column) {
  Column x = rows.col(column).array();
  x.conservativeResize(
      std::remove_if(x.begin(), x.end(), [](double value) { return !std::isfinite(value); }) -
      x.begin());
  if (x.size() < kFewestRows) return std::nullopt;
  for (const double end : {x.minCoeff(), x.maxCoeff()}) {
    if (!looks_like_code(end) || share_at(x, end) <= kManyAtAnEnd) continue;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double value : x) {
      if (value == end) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    const double room = end < low ? low - end : end - high;
    const bool alone_below = end < 0 && low >= 0;
    if (high > low && (room > high - low || alone_below)) {
      return Code{
          end, share_at(x, end) * static_cast<double>(x.size()) / static_cast<double>(rows.rows())};
    }
  }
  return std::nullopt;
}

/// How many rows are exactly at `end`, as a text; empty where they are few.
std::string crowd_at(const Column& x, double end) {
  const double share = share_at(x, end);
  if (share <= kManyAtAnEnd) return "";
  return fmt::format("{:.{}f}% of the rows are {}", 100 * share, share < 0.1 ? 1 : 0,
                     number_text(end));
}

/// Columns by what they look like.
struct Likely {
  Names integers, long_tailed, ended;
  std::string end;  // of the first that has one
};

void look_at(const std::string& name, const RowMatrix& rows, Index column, Likely& likely) {
  const Column x = rows.col(column).array();
  const double low = x.minCoeff(), high = x.maxCoeff();
  const Support integer = parse_support("INTEGER");
  if ((x == x.floor()).all() && integer.contains(low) && integer.contains(high)) {
    return likely.integers.push_back(name);
  }
  const bool spike = std::max(share_at(x, low), share_at(x, high)) > kSpikeShare;
  if (!spike && has_long_tail(rows, column)) return likely.long_tailed.push_back(name);
  const std::string below = crowd_at(x, low), above = crowd_at(x, high);
  if (below.empty() && above.empty()) return;
  likely.ended.push_back(name);
  if (likely.ended.size() > 1) return;
  likely.end = fmt::format("has an end: {}; --support '{}=[{},{}]' keeps to such bounds{}",
                           below + (below.empty() || above.empty() ? "" : ", ") + above, name,
                           number_text(low), number_text(high),
                           spike ? ", but log p will tell of that spike first" : "");
}

/// One line for all columns of a kind; `what` is in the singular and in the plural.
void tell(const TrainData& data, const Names& names, const char* one, const char* many,
          const std::string& support, const char* what) {
  if (names.empty()) return;
  log_warning("{}: {} {}: --support '{}={}' {}", data.name, columns_text(names),
              names.size() == 1 ? one : many, list_of_columns(names), support, what);
}

}  // namespace

void warn_of_likely_supports(const TrainData& data) {
  if (data.fit.x.rows() < kFewestRows) return;
  Likely likely;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    if (support_at(data.supports, j).kind != Support::Kind::real) continue;
    if (code_of(data.fit.x, static_cast<Index>(j))) continue;
    look_at(data.columns[j], data.fit.x, static_cast<Index>(j), likely);
  }
  tell(data, likely.integers, "holds integers only", "hold integers only", "INTEGER",
       "models their probabilities");
  tell(data, likely.long_tailed, "is positive with a long tail", "are positive with long tails",
       "POSITIVE", "may fit better");
  if (likely.ended.empty()) return;
  const std::size_t more = likely.ended.size() - 1;
  log_warning("{}: column '{}' {}{}", data.name, likely.ended.front(), likely.end,
              more == 0 ? "" : fmt::format(" (and {} more such columns)", more));
}

void warn_of_codes(const TrainData& data) {
  if (data.fit.x.rows() < kFewestRows) return;
  std::map<double, Names> columns;
  std::map<double, double> most;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    const std::optional<Code> code = code_of(data.fit.x, static_cast<Index>(j));
    if (!code) continue;
    columns[code->value].push_back(data.columns[j]);
    most[code->value] = std::max(most[code->value], code->share);
  }
  for (const auto& [value, names] : columns) {
    const bool one = names.size() == 1;
    log_warning(
        "{}: {} {} {} in {}{:.0f}% of the rows, far from all other values; if it stands for "
        "missing, --na={} says so",
        data.name, columns_text(names), one ? "is" : "are", number_text(value), one ? "" : "up to ",
        100 * most[value], number_text(value));
  }
}

}  // namespace nflow::app
