#include "training/choose_and_train.h"

#include <algorithm>
#include <utility>

#include "nflow/defaults.h"
#include "nflow/refit.h"
#include "nflow/threads.h"
#include "options/train_options.h"
#include "processes/world.h"
#include "report/log.h"
#include "training/candidates.h"

namespace nflow::app {
namespace {

/// Share of a time limit that the choice of the flow may take.
constexpr double kMostOfTimeToChoose = 0.5;

/// Where the start is kept, fits it once more, to the rows to validate with too.
void refit_start(const TrainData& data, TrainOptions options, const Deadline& deadline,
                 Journal& journal, Outcome& outcome) {
  if (!outcome.start_is_best || options.init) return;
  const std::optional<Dataset> rows = rows_to_refit(outcome.model, data.fit, data.validation);
  if (!rows) return;
  TrainData all = data;
  all.fit = all.validation = *rows;
  options.flow = outcome.model.flow;
  // A mixture of cells is fitted as before: a model does not say how often.
  if (outcome.model.cell_net.components == 1) options.cell_net = outcome.model.cell_net;
  options.start_only = true;
  std::optional<Outcome> again = journal.train(all, options, deadline, {"", 1, 0});
  if (!again || journal.stopped()) return;
  outcome.refitted = refitted(outcome.model, std::move(again->model), *rows, options.threads);
  if (outcome.refitted) log_info("the model is fitted once more, to the rows to validate with too");
}

}  // namespace

Index parameters_of(const TrainData& data, const TrainOptions& options, const FlowSpec& flow) {
  return parameter_count(flow, static_cast<Index>(data.columns.size()),
                         feature_count(data.context_kinds, data.context.size()),
                         front_of(data.supports, options.cell_net));
}

void suit_options(const Arguments& arguments, const TrainData& data, TrainOptions& options) {
  const Index rows = data.fit.rows();
  options.supports = data.supports;
  options.context_kinds = data.context_kinds;
  options.cell_net = cell_net_of(arguments, data);
  options.threads = useful_threads(options.threads, std::max(rows, data.validation.rows()));
  set_default_length(options, rows);
  if (!arguments.given("learning-rate"))
    options.learning_rate = default_learning_rate(options, rows);
  if (chooses_neural_mixture(arguments, data)) {
    if (!arguments.given("learning-rate")) options.learning_rate = kNeuralMixtureRate;
    if (!arguments.given("noise")) options.noise = kNeuralMixtureNoise;
  }
  if (!arguments.given("patience")) options.patience = default_patience(options, rows);
}

std::optional<Outcome> choose_and_train(
    const Arguments& arguments, const TrainData& data, TrainOptions& options,
    const Deadline& deadline, Journal& journal, const TrainingPart& whole,
    const std::function<void(const std::vector<FlowSpec>&)>& tell) {
  const Deadline choice = deadline.share(kMostOfTimeToChoose);
  const std::vector<FlowSpec> flows = journal.flows([&](Interruption interruption) {
    interruption.hurry = [&] { return is_late(choice); };
    return flows_of(arguments, data, options, interruption);
  });
  for (const FlowSpec& flow : flows) {
    check_memory(options, parameters_of(data, options, flow), ranks() ? ranks()->neighbours() : 1);
  }
  if (flows.empty()) return std::nullopt;
  options.flow = flows.front();
  tell(flows);
  std::optional<Outcome> outcome = train_best(flows, data, options, deadline, journal, whole);
  const bool set_apart =
      arguments.given("validation-file") || arguments.given("validation-fraction");
  if (outcome && !set_apart && !journal.stopped() && !is_late(choice)) {
    refit_start(data, options, deadline, journal, *outcome);
  }
  return outcome;
}

}  // namespace nflow::app
