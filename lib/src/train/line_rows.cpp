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
  const Random random(map.seed, Purpose::cell);
  const auto place = [&](Index r, Index j) {
    const auto stream = static_cast<std::uint32_t>(2 * j + (use == RowUse::validation ? 1 : 0));
    return random.uniform(ids.empty() ? static_cast<std::uint64_t>(r) : ids[r], stream);
  };
  return SupportMap(map.supports).to_line(rows, place);
}

}  // namespace nflow
