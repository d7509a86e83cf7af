#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fuzz/target.h"
#include "nflow/condition.h"
#include "nflow/error.h"
#include "nflow/labels.h"

// The text of --where, and what it says of some rows: one after the other it says the same of them
// as of all at once.

namespace {

const std::vector<std::string> kColumns{"x", "y", "kind", "two words", "flag"};

nflow::Support category(const std::vector<std::string>& levels) {
  nflow::Support support = nflow::parse_support("CATEGORY+{missing}");
  nflow::CellData data;
  data.levels = levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    data.level_bin.push_back(static_cast<nflow::Index>(i));
  }
  data.level_mass.assign(levels.size(), 1.0 / static_cast<double>(levels.size()));
  data.mass.assign(levels.size() + 1, 1.0 / static_cast<double>(levels.size() + 1));
  data.hole = true;
  support.cells = std::make_shared<nflow::Cells>(support, data);
  return support;
}

const std::vector<nflow::Support>& supports() {
  static const std::vector<nflow::Support> all{
      {}, {}, category({"a", "it's", "c"}), {}, category({"0", "1"})};
  return all;
}

nflow::RowMatrix some_rows() {
  const double hole = std::numeric_limits<double>::quiet_NaN();
  nflow::RowMatrix rows(600, static_cast<nflow::Index>(kColumns.size()));
  for (nflow::Index i = 0; i < rows.rows(); ++i) {
    const double u = static_cast<double>(i * 83 % 600) / 100 - 3;
    rows.row(i) << u, i % 7 == 0 ? hole : u * u, nflow::label_value(i % 4), std::exp(30 * u),
        i % 5 == 0 ? 1 : nflow::label_value(i % 2);
  }
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const nflow::RowMatrix rows = some_rows();
  try {
    nflow::Condition condition(fuzz::text_of(bytes, size), kColumns, supports());
    std::vector<char> all, one;
    condition.find(rows, all);
    for (const nflow::Index i : {nflow::Index{0}, nflow::Index{7}, rows.rows() - 1}) {
      condition.find(rows.middleRows(i, 1), one);
      fuzz::require(one.at(0) == all[static_cast<std::size_t>(i)], "a row has one answer");
    }
  } catch (const nflow::UsageError&) {
    return 0;
  }
  return 0;
}
