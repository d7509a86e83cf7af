#include "commands/far_contexts.h"

#include "nflow/csv.h"
#include "processes/processes.h"
#include "report/log.h"

namespace nflow::app {

void FarContexts::add(const RowMatrix& context) {
  for (Index i = 0; i < context.rows(); ++i) {
    for (std::size_t j = 0; j < rows_.size(); ++j) {
      if (!far_outside(model_.context_scaler, j, context(i, static_cast<Index>(j)))) continue;
      ++rows_[j];
      break;
    }
  }
}

void FarContexts::warn(bool shared) const {
  for (std::size_t j = 0; j < rows_.size(); ++j) {
    const std::uint64_t rows = shared ? sum_of_all(rows_[j]) : rows_[j];
    if (rows == 0) continue;
    const Scaler& scaler = model_.context_scaler;
    log_warning(
        "{} {} a context far outside the training rows, whose '{}' is {} to {}: the model "
        "guesses there",
        rows, rows == 1 ? "row has" : "rows have",
        feature_names(model_.context, model_.context_kinds)[j], number_text(scaler.low[j]),
        number_text(scaler.high[j]));
  }
}

}  // namespace nflow::app
