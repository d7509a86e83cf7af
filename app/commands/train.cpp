
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "commands/command.h"
#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"
#include "nflow/trainer.h"
#include "nflow/version.h"
#include "options/train_options.h"
#include "processes/processes.h"
#include "processes/world.h"
#include "report/flow_text.h"
#include "report/log.h"
#include "training/choose_and_train.h"
#include "training/column_hints.h"
#include "training/fold_trainings.h"
#include "training/journal.h"
#include "training/table_warnings.h"
#include "training/train_data.h"
#include "training/train_kinds.h"
#include "training/verdict.h"

namespace nflow::app {
namespace {

/// The files that train writes; a folder that takes none is found out before the hours of training.
struct Outputs {
  explicit Outputs(const Arguments& arguments)
      : model(arguments.required("output")),
        history(arguments.find("history")),
        fold_scores(arguments.find("fold-scores")) {
    refuse_terminal(model, "a model");
    if (!first_rank()) return;
    check_output(model);
    for (const auto& file : {history, fold_scores}) {
      if (file) check_output(*file);
    }
  }

  std::string model;
  std::optional<std::string> history, fold_scores;
};

/// Goes through the motions of saving, before the hours of training: not every name of a column,
/// nor every size, can be in a model file.
void check_can_be_saved(const TrainData& data, const TrainOptions& options) {
  const auto columns = static_cast<Index>(data.columns.size());
  Model model;
  model.columns = data.columns;
  model.context = data.context;
  model.context_kinds = data.context_kinds;
  const Index context = model.context_features();
  model.supports = data.supports;
  model.marks = data.marks;
  model.manner = data.manner;
  model.cell_net = options.cell_net;
  model.flow = options.flow;
  model.scaler = {std::vector<double>(data.columns.size(), 0),
                  std::vector<double>(data.columns.size(), 1)};
  const auto features = static_cast<std::size_t>(context);
  model.context_scaler = {std::vector<double>(features, 0), std::vector<double>(features, 1)};
  model.permutations = draw_permutations(options.flow, columns, context, options.seed,
                                         front_of(data.supports, options.cell_net));
  const auto count = static_cast<std::size_t>(parameters_of(data, options, options.flow));
  model.parameters = std::vector<float>(count);
  if (options.precision == Precision::float64) model.parameters = std::vector<double>(count);
  try {
    to_bytes(model);
  } catch (const Error& problem) {
    throw Error(data.name + ": the model could not be saved: " + problem.what());
  }
}

void log_plan(const Arguments& arguments, const TrainData& data, const TrainOptions& options,
              const std::vector<FlowSpec>& flows) {
  log_info("{}: {} to train on, {} to validate with", data.name, counted(data.fit.rows(), "row"),
           data.validation.x.rows());
  if (!data.weights.empty()) {
    log_info("weights from column '{}': effective sample size {:.1f}", data.weights,
             effective_sample_size(data.fit));
  }
  const std::string flow =
      options.init ? "goes on from " + printable(arguments.required("init"), 4096)
      : arguments.given("flow")
          ? "flow " + arguments.required("flow") + ", layers " + arguments.text("layers", "1")
          : "chose the flow " + describe_default(options.flow, data.supports);
  log_info("{}: {}, {}", flow, counted(parameters_of(data, options, options.flow), "parameter"),
           counted(static_cast<std::int64_t>(data.columns.size()), "column"));
  if (flows.size() > 1) {
    std::string others;
    for (std::size_t i = 1; i < flows.size(); ++i) {
      others += (i > 1 ? " and " : "") + candidate_text(flows[i]);
    }
    log_info("tries {} too, and keeps what validates best", others);
  }
  log_debug("flow in full: {}", to_text(options.flow));
  log_debug("batches of {} rows, {}, seed {}, patience {} epochs", options.batch_size,
            counted(options.threads, "thread"), options.seed, options.patience);
}

/// All that the bytes of the model depend on, by the names of the options that decide it.
std::map<std::string, std::string> settings_of(const Arguments& arguments, const TrainData& data,
                                               const TrainOptions& options) {
  std::map<std::string, std::string> settings = flow_settings(arguments);
  settings.insert({
      {"nflow's version", kVersion},
      {"DATA", data.name},
      {"--validation-file", arguments.text("validation-file", "none")},
      {"--infer", arguments.text("infer", "yes")},
      {"--missing", arguments.text("missing", "default")},
      {"rows", digest_of(data.fit) + digest_of(data.validation)},
      {"--seed", std::to_string(options.seed)},
      {"--batch-size", std::to_string(options.batch_size)},
      {"--epochs", std::to_string(options.epochs)},
      {"--max-steps", std::to_string(options.max_steps)},
      {"--learning-rate", number_text(options.learning_rate)},
      {"--weight-decay", number_text(options.weight_decay)},
      {"--noise", number_text(options.noise)},
      {"--clip-norm", number_text(options.clip_norm)},
      {"--patience", std::to_string(options.patience)},
      {"--schedule", arguments.text("schedule", "default")},
      {"--validation-fraction", arguments.text("validation-fraction", "default")},
  });
  std::vector<std::string> columns = data.columns;
  std::string labels;
  for (std::size_t i = 0; i < data.supports.size(); ++i) {
    columns[i] += "=" + to_text(data.supports[i]);
    // The rows have labels by their numbers.
    if (data.supports[i].cells) labels += digest_of(data.supports[i].cells->data().levels);
  }
  for (const ContextKind& kind : data.context_kinds) {
    if (kind.labels) labels += digest_of(kind.labels->data().levels);
  }
  settings["labels"] = digest_of(std::vector<std::string>{labels});
  settings["columns"] = joined(columns, ",");
  for (const std::string& name : data.context) settings["--context"] += name + " ";
  if (!data.weights.empty()) settings["--weights"] = data.weights;
  if (options.init)
    settings["--init"] = digest_of(std::vector<std::string>{to_bytes(*options.init)});
  settings.merge(fold_settings(data));
  return settings;
}

/// What it means for the user that no epoch was better than the start.
void tell_of_start(const Outcome& outcome, bool of_init) {
  const FlowSpec& flow = outcome.model.flow;
  if (outcome.start_is_best && of_init) {
    log_info(
        "no step was better on the validation rows by more than chance: the model stays that "
        "of --init");
    return;
  }
  if (!outcome.start_is_best || stays_as_fitted(flow, !outcome.model.context.empty())) return;
  if (flow.links.empty() && cut_columns(outcome.model.supports) > 0) {
    log_info("the networks found nothing that {} not know",
             outcome.model.cell_net.components > 1 ? "the mixture of the cells does"
                                                   : "the shares of each column's bins do");
  } else if (flow.links.empty()) {
    log_info("the networks found nothing that the density of each angle does not know");
  } else if (!flow.links.empty() && is_fitted(flow.links.front())) {
    log_info("the networks found nothing that {} does not know: the model is that alone",
             start_of(flow));
  } else {
    log_warning(
        "no step made log p of the validation rows higher: the model is as good as random; try a "
        "smaller --learning-rate, more rows, or no --flow");
  }
}

/// What is wrong where the history cannot be written; empty: nothing is. The model is saved by
/// then.
std::string write_history(const std::string& path, const std::string& history,
                          const std::function<bool()>& stop) {
  try {
    write_file(path, history, stop);
    return "";
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& problem) {
    return std::string("the history: ") + problem.what();
  }
}

/// Tells in one line of what could not be saved beside the model.
void tell_unsaved(std::string unsaved, const Journal& journal) {
  if (journal.stopped()) {
    if (!unsaved.empty()) log_warning("the model is saved, but not {}", unsaved);
    return;
  }
  if (!journal.failure().empty()) {
    unsaved += (unsaved.empty() ? "the last checkpoint: " : "; nor the last checkpoint: ") +
               journal.failure();
  }
  if (!unsaved.empty()) throw Error("the model is saved, but not " + unsaved);
}

/// Returns whether there is a model now.
bool save(const Outputs& outputs, const TrainData& data, const Outcome& outcome,
          const TrainOptions& options, const Stopwatch& watch, Journal& journal,
          const std::optional<FoldEstimate>& folds) {
  const std::string& path = outputs.model;
  // Nobody waits for half a training in a pipe.
  const bool half = journal.stopped();
  if (half && is_stream(path)) return false;
  Model model = outcome.kept();
  model.left_out = data.left_out;
  model.marks = data.marks;
  model.manner = data.manner;
  bool saved = !first_rank();
  std::string unsaved;
  journal.write_outputs([&](const std::function<bool()>& stop) {
    save_model(model, path, stop);
    saved = true;
    if (!outputs.history || (half && is_stream(*outputs.history))) return;
    unsaved = write_history(*outputs.history, outcome.history, stop);
  });
  if (!saved) return false;
  if (!journal.stopped()) {
    tell_of_start(outcome, options.init != nullptr);
    log_verdict(outcome.model, data, options.threads);
  }
  const std::string name = is_standard_output(path) ? "standard output" : path;
  const TrainingRecord& record = model.training;
  const auto columns = static_cast<std::int64_t>(model.columns.size());
  const std::string size = counted(columns, "column") + ", " + counted(data.rows, "row") + ", " +
                           counted(record.epochs, "epoch");
  Fields fields{{"model", name},
                {"validation_log_prob", record.validation_log_prob},
                {"columns", columns},
                {"rows", std::int64_t{data.rows}},
                {"epochs", static_cast<std::int64_t>(record.epochs)},
                {"seconds", watch.seconds()}};
  if (folds) {
    fields.insert(fields.end(), {{"folds_log_prob", folds->mean},
                                 {"folds_stderr_rows", folds->error_of_rows},
                                 {"folds_stderr_folds", folds->error_of_folds}});
  }
  log_with(fields, spdlog::level::info,
           fmt::format("saved {}: validation log p = {:.4f} nats/row ({}, {:.1f} s)", name,
                       record.validation_log_prob, size, watch.seconds()));
  tell_unsaved(unsaved, journal);
  return true;
}

/// The status of a command that can be called again to go on.
constexpr int kStopped = 75;

int tell_stop(const Journal& journal, bool saved) {
  if (!journal.failure().empty()) throw Error(journal.failure());
  log_failure(fmt::format("stopped by {}{}; go on with --resume {}", journal.reason(),
                          saved ? ", with the best model so far" : "", journal.path()),
              kStopped);
  return kStopped;
}

}  // namespace

int run_train(const Arguments& arguments) {
  TrainOptions options = train_options(arguments);
  const DataOptions data_source = data_options(arguments, options);
  for (const std::string& path : data_source.paths) refuse_shared_input(path);
  Journal journal(arguments);
  const Outputs outputs(arguments);

  options.init = data_source.init;
  if (options.init) options.precision = options.init->precision();
  const TrainData data = read_train_data(data_source);
  const TrainOptions as_given = options;
  suit_options(arguments, data, options);
  const TrainData numbers = without_cut_columns(data);
  if (!numbers.columns.empty()) {
    check_before_training(numbers, cut_columns(data.supports) == 0);
    if (!data.inferred && !options.init) warn_of_likely_supports(numbers);
  }
  if (journal.active()) journal.begin(settings_of(arguments, data, options));
  const Stopwatch watch;
  // With a checkpoint it is the process that has a limit, and no longer the training.
  const Deadline deadline = journal.active() ? Deadline() : Deadline::in(time_limit(arguments));
  std::optional<FoldEstimate> folds;
  if (data.folds) {
    folds = train_folds(arguments, data, as_given, deadline, outputs.fold_scores, journal);
    if (journal.stopped()) return tell_stop(journal, false);
  }
  const std::optional<Outcome> outcome = choose_and_train(
      arguments, data, options, deadline, journal,
      part_of_fold(data_source.folds, data_source.folds), [&](const std::vector<FlowSpec>& flows) {
        log_plan(arguments, data, options, flows);
        check_can_be_saved(data, options);
      });
  const bool saved = outcome && save(outputs, data, *outcome, options, watch, journal, folds);
  return journal.stopped() ? tell_stop(journal, saved) : 0;
}

}  // namespace nflow::app
