#include "nflow/trainer.h"

#include <cmath>
#include <utility>

#include "nflow/error.h"
#include "support_map.h"
#include "train/line_rows.h"
#include "train/mixture_choice.h"
#include "train/mixture_start.h"
#include "train/run.h"
#include "train/weights.h"

namespace nflow {
namespace {

/// A set whose columns live on supports, taken to the real line.
struct LineSet {
  LineSet(const Dataset& set, const LineMap& line, RowUse use) : data(set) {
    const std::vector<double> log_slope = put_on_line(data.x, line, use);
    units = weighted_mean(log_slope, data.weights);
  }

  Dataset data;
  double units = 0;  // what the columns' own units add to the mean log p
};

template <class T>
void run(Model& model, const Dataset& fit, const Dataset& validation, const TrainOptions& options,
         const TrainControl& control, const LineMap& line, const ProgressFn& progress) {
  Run<T> run(model, fit, validation, options, control, line);
  run.fit(progress);
  run.store(model);
}

/// train() for rows that are on the line already, but those of a large table.
Model train_on_line(std::vector<std::string> columns, std::vector<std::string> context,
                    const Dataset& fit, const Dataset& validation, const TrainOptions& options,
                    const TrainControl& control, const LineMap& line, const ProgressFn& progress) {
  Model model;
  model.columns = std::move(columns);
  model.context = std::move(context);
  model.flow = options.flow;
  model.scaler = fit_scaler(fit.x, model.columns, fit.weights, circular_columns(line.supports));
  model.context_scaler = fit_scaler(fit.context, model.context, fit.weights);
  if (options.precision == Precision::float32) {
    run<float>(model, fit, validation, options, control, line, progress);
  } else {
    run<double>(model, fit, validation, options, control, line, progress);
  }
  return model;
}

/// train() for columns with supports: trains on the line, and tells and records what it would have
/// told and recorded of the columns themselves.
Model train_on_supports(const std::vector<std::string>& columns, std::vector<std::string> context,
                        const Dataset& fit, const Dataset& validation, TrainOptions options,
                        const TrainControl& control, const ProgressFn& progress) {
  const std::vector<Support> supports = std::exchange(options.supports, {});
  const LineMap line{supports, columns, options.seed};
  if (circular_columns(supports) == fit.x.cols()) options.flow = {};
  const LineSet line_fit(fit, line, RowUse::fit);
  const LineSet line_validation(validation, line, RowUse::validation);
  const auto in_units = [&](EpochReport report) {
    report.train += line_fit.units;
    report.validation += line_validation.units;
    report.best_validation += line_validation.units;
    return !progress || progress(report);
  };
  const std::vector<Index> order = chain_order(supports, fit.x.cols());
  Model model = train_on_line(in_chain_order(columns, order), std::move(context), line_fit.data,
                              line_validation.data, options, control, line, in_units);
  model.columns = columns;
  model.scaler = {in_table_order(model.scaler.mean, order),
                  in_table_order(model.scaler.deviation, order)};
  model.supports = supports;
  model.training.train_log_prob += line_fit.units;
  model.training.validation_log_prob += line_validation.units;
  return model;
}

/// choose_components() for rows on the line.
Index components_on_line(const Dataset& fit, std::uint64_t seed, int threads, Index most,
                         Index fits, Index circular, const Interruption& interruption) {
  const std::vector<std::string> names(fit.x.cols()), context(fit.context.cols());
  const MixtureRows data = mixture_rows(fit, fit_scaler(fit.x, names, fit.weights, circular),
                                        fit_scaler(fit.context, context, fit.weights), circular);
  ThreadPool pool(threads);
  pool.interrupt_by(interruption);
  return MixtureChoice(data.rows, data.weights, pool, seed, fits)
      .components(most, interruption.found);
}

}  // namespace

Index choose_components(const Dataset& fit, std::uint64_t seed, int threads, Index most, Index fits,
                        const std::vector<Support>& supports, const Interruption& interruption) {
  if (has_weightless_rows(fit)) {
    return choose_components(without_weightless_rows(fit), seed, threads, most, fits, supports,
                             interruption);
  }
  if (!any_bounded(supports)) {
    return components_on_line(fit, seed, threads, most, fits, 0, interruption);
  }
  const std::vector<std::string> names(fit.x.cols());
  return components_on_line(LineSet(fit, {supports, names, seed}, RowUse::fit).data, seed, threads,
                            most, fits, circular_columns(supports), interruption);
}

Model train(std::vector<std::string> columns, std::vector<std::string> context, const Dataset& fit,
            const Dataset& validation, const TrainOptions& options, const ProgressFn& progress,
            const TrainControl& control) {
  if (options.epochs == 0 && options.max_steps == 0 && !std::isfinite(options.time_limit)) {
    throw UsageError("training needs a limit: epochs, steps or time");
  }
  check_weights(fit, "training rows");
  check_weights(validation, "validation rows");
  if (has_weightless_rows(fit) || has_weightless_rows(validation)) {
    return train(std::move(columns), std::move(context), without_weightless_rows(fit),
                 without_weightless_rows(validation), options, progress, control);
  }
  if (fit.x.rows() < 2) throw Error("training needs two rows at least");
  if (validation.x.rows() < 1) throw Error("training needs a row at least to validate with");
  if (any_bounded(options.supports)) {
    return train_on_supports(columns, std::move(context), fit, validation, options, control,
                             progress);
  }
  return train_on_line(std::move(columns), std::move(context), fit, validation, options, control,
                       {}, progress);
}

}  // namespace nflow
