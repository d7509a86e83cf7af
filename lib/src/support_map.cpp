#include "support_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "nflow/error.h"

namespace nflow {

namespace {

/// The circles in `order`, which come first, so that each stands behind those that it goes round
/// with.
void sort_circles(const std::vector<Support>& supports, std::vector<Index>& order) {
  const auto end = order.begin() + circular_columns(supports);
  const std::vector<Index> circles(order.begin(), end);
  std::vector<bool> placed(circles.size());
  for (auto next = order.begin(); next < end; ++next) {
    const auto ready = [&](std::size_t j) {
      const auto& winding = supports[static_cast<std::size_t>(circles[j])].winding;
      for (std::size_t i = 0; i < winding.size(); ++i) {
        if (winding[i] != 0 && (i >= circles.size() || !placed[i])) return false;
      }
      return !placed[j];
    };
    std::size_t j = 0;
    while (j < circles.size() && !ready(j)) ++j;
    if (j == circles.size()) throw Error("circles go round with each other, or with none");
    placed[j] = true;
    *next = circles[j];
  }
}

}  // namespace

std::vector<Index> chain_order(const std::vector<Support>& supports, Index columns) {
  const auto place = [&](Index j) {
    if (supports.empty()) return 2;
    const Support& support = supports[static_cast<std::size_t>(j)];
    return support.kind == Support::Kind::circular ? 0 : support.is_cut() ? 1 : 2;
  };
  std::vector<Index> order(static_cast<std::size_t>(columns));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return place(a) < place(b); });
  if (any_winding(supports)) sort_circles(supports, order);
  return order;
}

Scaler scaler_in_chain_order(const Model& model) {
  const auto order = chain_order(model.supports, static_cast<Index>(model.columns.size()));
  return {in_chain_order(model.scaler.mean, order), in_chain_order(model.scaler.deviation, order)};
}

SupportMap::SupportMap(const std::vector<Support>& supports) {
  if (!any_bounded(supports)) return;
  order_ = chain_order(supports, static_cast<Index>(supports.size()));
  supports_ = in_chain_order(supports, order_);
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    if (supports_[j].kind == Support::Kind::integer) integers_.push_back(static_cast<Index>(j));
  }
}

std::vector<double> SupportMap::to_line(RowMatrix& rows, const CellPlace& place) const {
  std::vector<double> log_slope(static_cast<std::size_t>(rows.rows()), 0);
  if (!std::is_sorted(order_.begin(), order_.end())) rows = RowMatrix(rows(Eigen::all, order_));
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    const Support& support = supports_[j];
    if (support.kind == Support::Kind::real && !support.is_cut()) continue;
    const bool placed = place && (support.is_cut() || support.kind == Support::Kind::integer);
    for (std::size_t r = 0; r < log_slope.size(); ++r) {
      const auto row = static_cast<Index>(r), column = static_cast<Index>(j);
      double& x = rows(row, column);
      const double slope =
          support.contains(x) ? support.log_slope(x) : -std::numeric_limits<double>::infinity();
      log_slope[r] += slope;
      const double v = placed ? place(row, column) : 0.5;
      x = std::isinf(slope) ? 0 : support.to_line(x, v);
    }
  }
  return log_slope;
}

void SupportMap::from_line(RowMatrix& rows) const {
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    if (supports_[j].kind == Support::Kind::real && !supports_[j].is_cut()) continue;
    for (double& u : rows.col(static_cast<Index>(j))) u = supports_[j].from_line(u);
  }
  if (std::is_sorted(order_.begin(), order_.end())) return;
  RowMatrix table(rows.rows(), rows.cols());
  table(Eigen::all, order_) = rows;
  rows = std::move(table);
}

}  // namespace nflow
