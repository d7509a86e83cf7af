#include "support_map.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace nflow {

std::vector<Index> chain_order(const std::vector<Support>& supports, Index columns) {
  std::vector<Index> order;
  for (const bool circular : {true, false}) {
    for (Index j = 0; j < columns; ++j) {
      const Support support = support_at(supports, static_cast<std::size_t>(j));
      if ((support.kind == Support::Kind::circular) == circular) order.push_back(j);
    }
  }
  return order;
}

SupportMap::SupportMap(const std::vector<Support>& supports) {
  if (!any_bounded(supports)) return;
  order_ = chain_order(supports, static_cast<Index>(supports.size()));
  supports_ = in_chain_order(supports, order_);
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    if (supports_[j].kind == Support::Kind::integer) integers_.push_back(static_cast<Index>(j));
  }
}

std::vector<double> SupportMap::to_line(RowMatrix& rows) const {
  std::vector<double> log_slope(static_cast<std::size_t>(rows.rows()), 0);
  if (!std::is_sorted(order_.begin(), order_.end())) rows = RowMatrix(rows(Eigen::all, order_));
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    const Support& support = supports_[j];
    if (support.kind == Support::Kind::real) continue;
    for (std::size_t r = 0; r < log_slope.size(); ++r) {
      double& x = rows(static_cast<Index>(r), static_cast<Index>(j));
      const bool inside = support.contains(x);
      log_slope[r] += inside ? support.log_slope(x) : -std::numeric_limits<double>::infinity();
      x = inside ? support.to_line(x) : 0;
    }
  }
  return log_slope;
}

void SupportMap::from_line(RowMatrix& rows) const {
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    if (supports_[j].kind == Support::Kind::real) continue;
    for (double& u : rows.col(static_cast<Index>(j))) u = supports_[j].from_line(u);
  }
  if (std::is_sorted(order_.begin(), order_.end())) return;
  RowMatrix table(rows.rows(), rows.cols());
  table(Eigen::all, order_) = rows;
  rows = std::move(table);
}

}  // namespace nflow
