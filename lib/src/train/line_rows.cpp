#include "train/line_rows.h"

#include "math/random.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "support_map.h"

namespace nflow {
namespace {

void check_inside(const RowMatrix& rows, const LineMap& map) {
  for (Index j = 0; j < rows.cols(); ++j) {
    for (const double x : rows.col(j)) {
      if (map.supports[j].contains(x)) continue;
      throw Error("column '" + map.names[j] + "' has the value " + number_text(x) +
                  ", outside its support " + to_text(map.supports[j]));
    }
  }
}

}  // namespace

std::vector<double> put_on_line(RowMatrix& rows, const LineMap& map, RowUse use,
                                const std::vector<std::uint64_t>& ids) {
  if (!any_bounded(map.supports)) return std::vector<double>(rows.rows(), 0);
  check_inside(rows, map);
  const SupportMap supports(map.supports);
  std::vector<double> log_slope = supports.to_line(rows);
  const Random random(map.seed, Purpose::cell);
  for (const Index j : supports.integers()) {
    const auto place = static_cast<std::uint32_t>(2 * j + (use == RowUse::validation ? 1 : 0));
    for (Index r = 0; r < rows.rows(); ++r) {
      const std::uint64_t id = ids.empty() ? static_cast<std::uint64_t>(r) : ids[r];
      rows(r, j) += random.uniform(id, place) - 0.5;
    }
  }
  return log_slope;
}

}  // namespace nflow
