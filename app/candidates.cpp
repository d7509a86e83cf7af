#include "candidates.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

#include "default_flow.h"
#include "defaults.h"
#include "progress.h"
#include "values.h"

namespace nflow::app {
namespace {

void append_history(std::string& text, const EpochReport& report) {
  text += std::to_string(report.epoch) + ',' + std::to_string(report.step);
  for (const double value :
       {report.train, report.validation, report.learning_rate, report.seconds}) {
    text += ',';
    append_number(text, value);
  }
  text += '\n';
}

Outcome train_chain(const TrainData& data, const TrainOptions& options, bool quiet) {
  Outcome outcome;
  Progress progress(data.fit.x.rows(), options.time_limit, quiet);
  outcome.model = train(data.columns, data.context, data.fit, data.validation, options,
                        [&](const EpochReport& report) {
                          progress.report(report);
                          append_history(outcome.history, report);
                          return true;
                        });
  progress.clear();
  return outcome;
}

/// Of a large table's training, for each of several chains.
constexpr Index kTrialShare = 10;

TrainOptions trial_of(TrainOptions options) {
  const auto share = [](Index count) {
    return count == 0 ? 0 : std::max<Index>(1, count / kTrialShare);
  };
  options.epochs = share(options.epochs);
  options.max_steps = share(options.max_steps);
  options.time_limit /= kTrialShare;
  return options;
}

/// A large table takes long to train: a short training of each chain tells which to go on with.
std::vector<FlowSpec> promising(std::vector<FlowSpec> flows, const TrainData& data,
                                const TrainOptions& options, bool quiet) {
  if (flows.size() == 1 || data.fit.x.rows() < kFewestRowsOfLarge) return flows;
  std::optional<double> best;
  FlowSpec chosen;
  for (const FlowSpec& flow : flows) {
    TrainOptions trial = trial_of(options);
    trial.flow = flow;
    const double reached = train_chain(data, trial, quiet).model.training.validation_log_prob;
    spdlog::info("validation log p {:.4f} with {} first, after a short training", reached,
                 start_of(flow));
    if (best && reached <= *best) continue;
    best = reached;
    chosen = flow;
  }
  return {chosen};
}

}  // namespace

Outcome train_best(const std::vector<FlowSpec>& flows, const TrainData& data, TrainOptions options,
                   bool quiet) {
  const Stopwatch watch;
  Outcome best;
  const double time = options.time_limit;
  const std::vector<FlowSpec> kept = promising(flows, data, options, quiet);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    options.flow = kept[i];
    options.time_limit =
        std::max(0.001, time - watch.seconds()) / static_cast<double>(kept.size() - i);
    Outcome outcome = train_chain(data, options, quiet);
    const double reached = outcome.model.training.validation_log_prob;
    if (kept.size() > 1) {
      spdlog::info("validation log p {:.4f} with {} first", reached, start_of(kept[i]));
    }
    if (i == 0 || reached > best.model.training.validation_log_prob) best = std::move(outcome);
  }
  return best;
}

}  // namespace nflow::app
