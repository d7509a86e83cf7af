#include "auto/mixture_work.h"

#include <string>

#include "scaler.h"
#include "stats/weights.h"
#include "train/line_rows.h"
#include "train/mixture_start.h"

namespace nflow {

MixtureWork::MixtureWork(const Dataset& fit, const MixtureSearch& search)
    : given(fit.context.cols()), pool(search.threads) {
  pool.interrupt_by(search.interruption);
  Dataset line = without_weightless_rows(fit);
  const std::vector<std::string> names(line.x.cols()), context(line.context.cols());
  log_slopes_ = put_on_line(line.x, {search.supports, names, search.seed}, RowUse::fit);
  log_slopes_.resize(line.x.rows(), 0);  // none where all are REAL
  const Scaler scaler =
      fit_bulk_scaler(line.x, names, line.weights, front_columns(search.supports));
  log_det_ = scaler.log_det();
  data = mixture_rows(line, scaler, fit_context_scaler(line.context, context, line.weights),
                      search.supports);
}

double MixtureWork::units(Index line) const {
  const auto all = static_cast<Index>(log_slopes_.size());  // of which data.rows are evenly spread
  return log_slopes_[static_cast<std::size_t>(line * all / data.rows.rows())] + log_det_;
}

}  // namespace nflow
