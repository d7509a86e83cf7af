#include "support_map.h"

#include <limits>
#include <utility>

namespace nflow {

SupportMap::SupportMap(std::vector<Support> supports) {
  if (!any_bounded(supports)) return;
  supports_ = std::move(supports);
  for (std::size_t j = 0; j < supports_.size(); ++j) {
    if (supports_[j].kind == Support::Kind::integer) integers_.push_back(static_cast<Index>(j));
  }
}

std::vector<double> SupportMap::to_line(RowMatrix& rows) const {
  std::vector<double> log_slope(static_cast<std::size_t>(rows.rows()), 0);
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
}

}  // namespace nflow
