#include "training/constant_columns.h"

#include "nflow/error.h"
#include "nflow/preflight.h"
#include "report/log.h"
#include "training/column_advice.h"

namespace nflow::app {
namespace {

/// Told one by one, they would take a run each. Advice that leaves no column is none.
void refuse_several_constant(const TrainData& data, const RowMatrix& rows,
                             const std::vector<std::string>& names,
                             const std::vector<bool>& numbers, bool is_context,
                             const std::string& where) {
  std::vector<std::string> still;
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (numbers[j] && stands_still(rows, static_cast<Index>(j))) still.push_back(names[j]);
  }
  const bool all = !is_context && still.size() == names.size();
  if (still.size() < 2 && !(all && !still.empty())) return;
  const std::string what = data.name + ": " + columns_text(still) +
                           (still.size() == 1 ? " is" : " are") + " constant in " + where;
  if (all) throw Error(what + ": there is no other column to model");
  throw Error(
      what + " and " + (still.size() == 1 ? "has" : "have") + " no density; " +
      (is_context ? "a --context without " + list_of_columns(still) : exclude_option(still)) +
      " leaves them out");
}

}  // namespace

void refuse_constant_columns(const TrainData& data) {
  const std::string where = data.fit.all
                                ? fmt::format("each of {} rows drawn at random", data.fit.x.rows())
                                : "every training row";
  const auto check = [&](const RowMatrix& rows, const std::vector<std::string>& names,
                         const std::vector<bool>& numbers, bool is_context) {
    refuse_several_constant(data, rows, names, numbers, is_context, where);
    const std::string hint = is_context ? "a --context without " : "--exclude ";
    for (Index j = 0; j < rows.cols(); ++j) {
      if (!numbers[static_cast<std::size_t>(j)] || !stands_still(rows, j)) continue;
      const std::string& name = names[static_cast<std::size_t>(j)];
      const auto column = rows.col(j).array();
      if ((column != rows(0, j)).any()) {
        throw Error(data.name + ": column '" + name + "' goes from " +
                    number_text(column.minCoeff()) + " to " + number_text(column.maxCoeff()) +
                    ", by less than numbers of that size can hold; take an offset from it, or " +
                    hint + name + " leaves it out");
      }
      throw Error(data.name + ": column '" + name + "' is " + number_text(rows(0, j)) + " in " +
                  where + " and has no density; " + hint + name + " leaves it out");
    }
  };
  std::vector<bool> numbers, of_context;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    numbers.push_back(!support_at(data.supports, j).is_cut());
  }
  check(data.fit.x, data.columns, numbers, false);
  for (std::size_t j = 0; j < data.context.size(); ++j) {
    const ContextKind kind = context_kind_at(data.context_kinds, j);
    of_context.resize(of_context.size() + static_cast<std::size_t>(kind.features()), false);
    if (kind.is_plain()) of_context.back() = true;
  }
  check(data.fit.context, feature_names(data.context, data.context_kinds), of_context, true);
}

}  // namespace nflow::app
