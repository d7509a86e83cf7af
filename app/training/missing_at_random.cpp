#include "training/missing_at_random.h"

#include <algorithm>

#include "nflow/error.h"
#include "nflow/imputation.h"
#include "nflow/labels.h"
#include "nflow/printable.h"
#include "report/log.h"
#include "training/column_advice.h"
#include "training/train_rows.h"

namespace nflow::app {
namespace {

Index count_holes(const RowMatrix& rows) {
  return static_cast<Index>(std::count_if(rows.data(), rows.data() + rows.size(), is_hole));
}

/// Leaves out rows of holes alone; returns how many.
Index leave_out_empty(Dataset& rows) {
  std::vector<Index> kept;
  for (Index i = 0; i < rows.x.rows(); ++i) {
    const auto row = rows.x.row(i);
    if (!std::all_of(row.begin(), row.end(), is_hole)) kept.push_back(i);
  }
  const Index left_out = rows.x.rows() - static_cast<Index>(kept.size());
  if (left_out > 0) rows = rows_at(rows, kept);
  return left_out;
}

void refuse_empty_columns(const TrainData& data) {
  std::vector<std::string> empty;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    const auto column = data.fit.x.col(static_cast<Index>(j));
    if (std::all_of(column.begin(), column.end(), is_hole)) empty.push_back(data.columns[j]);
  }
  if (empty.empty()) return;
  throw Error(data.name + ": " + columns_text(empty) + (empty.size() == 1 ? " has" : " have") +
              " no value in any row to train on; --exclude leaves " +
              (empty.size() == 1 ? "it" : "them") + " out");
}

}  // namespace

void refuse_holes_as_values(const TrainData& data) {
  for (std::size_t j = 0; j < data.supports.size(); ++j) {
    if (!data.supports[j].holes) continue;
    throw UsageError("--missing fit takes holes for values that are not known, where --support " +
                     data.columns[j] + "=" + to_text(data.supports[j]) + " makes them a value");
  }
}

void take_no_holes_for_values(TrainData& data) {
  for (Support& support : data.supports) support.holes = false;
}

void fill_at_random(TrainData& data, const DataOptions& options) {
  const Index empty = leave_out_empty(data.fit) + leave_out_empty(data.validation);
  if (empty > 0) log_info("{}: left out {} without any value", data.name, counted(empty, "row"));
  refuse_too_few_rows(data.name, data.fit.x.rows(), data.validation.x.rows());
  const Index holes = count_holes(data.fit.x) + count_holes(data.validation.x);
  if (holes == 0) return;
  refuse_empty_columns(data);
  const auto all = static_cast<double>(data.fit.x.size() + data.validation.x.size());
  const Imputer imputer(data.fit, data.supports, options.seed, options.threads);
  imputer.fill(data.fit, 0);
  imputer.fill(data.validation, 1);
  log_info(
      "{}: {}, {:.1f} % of all values, taken as missing at random: each is drawn given the rest of "
      "its row, from a mixture of {} fitted to what is there",
      data.name, counted(holes, "hole"), 100 * static_cast<double>(holes) / all,
      counted(imputer.components(), "component"));
}

}  // namespace nflow::app
