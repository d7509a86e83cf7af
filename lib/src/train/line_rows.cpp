#include "train/line_rows.h"

#include "math/random.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "support_map.h"

namespace nflow {
namespace {

void check_inside(const RowMatrix& rows, const std::vector<Support>& supports,
                  const std::vector<std::string>& names) {
  for (Index j = 0; j < rows.cols(); ++j) {
    for (const double x : rows.col(j)) {
      if (supports[j].contains(x)) continue;
      throw Error("column '" + names[j] + "' has the value " + number_text(x) +
                  ", outside its support " + to_text(supports[j]));
    }
  }
}

}  // namespace

std::vector<double> put_on_line(RowMatrix& rows, const std::vector<Support>& supports,
                                const std::vector<std::string>& names, std::uint64_t seed,
                                RowUse use) {
  check_inside(rows, supports, names);
  const SupportMap map(supports);
  std::vector<double> log_slope = map.to_line(rows);
  const Random random(seed, Purpose::cell);
  for (const Index j : map.integers()) {
    const auto place = static_cast<std::uint32_t>(2 * j + (use == RowUse::validation ? 1 : 0));
    for (Index r = 0; r < rows.rows(); ++r) {
      rows(r, j) += random.uniform(static_cast<std::uint64_t>(r), place) - 0.5;
    }
  }
  return log_slope;
}

}  // namespace nflow
