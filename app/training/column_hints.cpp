#include "training/column_hints.h"

#include <algorithm>

#include "nflow/preflight.h"
#include "report/log.h"

namespace nflow::app {
namespace {

const Index kFewestRows = 10;      // fewer say nothing about a column
const double kManyAtAnEnd = 0.01;  // share of the rows
const Index kFewestAtAnEnd = 3;    // in a small table one row is that share

using Column = Eigen::ArrayXd;

/// Share of the rows at an end; 0 where they are too few to tell.
double share_at(const Column& x, double end) {
  const Index count = (x == end).count();
  return count < kFewestAtAnEnd ? 0 : static_cast<double>(count) / static_cast<double>(x.size());
}

/// How many rows are exactly at `end`, as a text; empty where they are few.
std::string crowd_at(const Column& x, double end) {
  const double share = share_at(x, end);
  if (share <= kManyAtAnEnd) return "";
  return fmt::format("{:.{}f}% of the rows are {}", 100 * share, share < 0.1 ? 1 : 0,
                     number_text(end));
}

/// What the column looks like and the support for that; empty where nothing strikes.
std::string hint(const std::string& name, const RowMatrix& rows, Index column) {
  const Column x = rows.col(column).array();
  const double low = x.minCoeff(), high = x.maxCoeff();
  const Support integer = parse_support("INTEGER");
  if ((x == x.floor()).all() && integer.contains(low) && integer.contains(high)) {
    return fmt::format("holds integers only: --support '{}=INTEGER' models their probabilities",
                       name);
  }
  const bool spike = std::max(share_at(x, low), share_at(x, high)) > kSpikeShare;
  if (!spike && has_long_tail(rows, column)) {
    return fmt::format("is positive with a long tail: --support '{}=POSITIVE' may fit it better",
                       name);
  }
  const std::string below = crowd_at(x, low), above = crowd_at(x, high);
  if (below.empty() && above.empty()) return "";
  return fmt::format("has an end: {}; --support '{}=[{},{}]' keeps to such bounds{}",
                     below + (below.empty() || above.empty() ? "" : ", ") + above, name,
                     number_text(low), number_text(high),
                     spike ? ", but log p will tell of that spike first" : "");
}

}  // namespace

void warn_of_likely_supports(const TrainData& data) {
  if (data.fit.x.rows() < kFewestRows) return;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    if (support_at(data.supports, j).kind != Support::Kind::real) continue;
    const std::string text = hint(data.columns[j], data.fit.x, static_cast<Index>(j));
    if (!text.empty()) log_warning("{}: column '{}' {}", data.name, data.columns[j], text);
  }
}

}  // namespace nflow::app
