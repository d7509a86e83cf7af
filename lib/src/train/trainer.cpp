#include "nflow/trainer.h"

#include <cmath>
#include <string>
#include <utility>

#include "nflow/available_memory.h"
#include "nflow/error.h"
#include "stats/weights.h"
#include "support_map.h"
#include "train/batches.h"
#include "train/line_rows.h"
#include "train/run.h"

namespace nflow {
namespace {

// Vectors as long as the parameters that a training keeps: the best parameters and the last good
// ones, their average, the gradient, Adam's two moments; and the last good average and moments.
constexpr Index kCopies = 10;

std::string gigabytes(double bytes) {
  const long long tenths = std::llround(bytes / 1e8);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

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
  if (!options.start_only) run.fit(progress);
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
  model.cell_net = options.cell_net;
  model.context_kinds = options.context_kinds;
  if (options.init) {
    model.scaler = scaler_in_chain_order(*options.init);
    model.context_scaler = options.init->context_scaler;
  } else {
    model.scaler = fit_bulk_scaler(fit.x, model.columns, fit.weights, front_columns(line.supports));
    model.context_scaler = fit_context_scaler(
        fit.context, feature_names(model.context, model.context_kinds), fit.weights);
  }
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
  if (front_columns(supports) == fit.x.cols()) options.flow = {};
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

/// The options of a training that goes on from options.init: what a model is made of stays its.
TrainOptions of_init(TrainOptions options) {
  const Model& init = *options.init;
  options.flow = init.flow;
  options.cell_net = init.cell_net;
  options.supports = init.supports;
  options.context_kinds = init.context_kinds;
  options.precision = init.precision();
  // A mixture that stays as EM fitted it has nothing else to train.
  if (front_columns(init.supports) == 0 && stays_as_fitted(init.flow, !init.context.empty())) {
    options.flow.links.front().options.fixed = false;
  }
  return options;
}

void check_init(const Model& init, const std::vector<std::string>& columns,
                const std::vector<std::string>& context) {
  if (init.columns == columns && init.context == context) return;
  throw UsageError("the model to go on from has other columns");
}

}  // namespace

Model train(std::vector<std::string> columns, std::vector<std::string> context, const Dataset& fit,
            const Dataset& validation, const TrainOptions& given, const ProgressFn& progress,
            const TrainControl& control) {
  if (given.init) check_init(*given.init, columns, context);
  const TrainOptions options = given.init ? of_init(given) : given;
  if (options.epochs == 0 && options.max_steps == 0 && control.deadline.is_never()) {
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

void check_memory(const TrainOptions& options, Index parameters, int processes) {
  const double each = options.precision == Precision::float32 ? 4 : 8;
  const double copies = static_cast<double>(kCopies + Shards(options.batch_size).count);
  const double needed = static_cast<double>(parameters) * each * copies;
  const auto available = static_cast<double>(available_memory(processes));
  if (needed <= available) return;
  throw Error("the flow has " + std::to_string(parameters) + " parameters, whose training takes " +
              gigabytes(needed) + " of memory, and this process may take " + gigabytes(available));
}

}  // namespace nflow
