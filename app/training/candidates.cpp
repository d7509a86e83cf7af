#include "training/candidates.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "nflow/defaults.h"
#include "processes/world.h"
#include "report/flow_text.h"
#include "report/log.h"

namespace nflow::app {
namespace {

/// No number is worse than any.
bool better(const std::optional<Outcome>& one, const std::optional<Outcome>& other) {
  if (!one || !other) return one.has_value();
  const double own = one->model.training.validation_log_prob;
  return !std::isnan(own) && !(own <= other->model.training.validation_log_prob);
}

/// Each of several chains has this part of a long training as a trial: one in so many steps.
constexpr Index kTrialShare = 10;

TrainOptions trial_of(TrainOptions options) {
  const auto share = [](Index count) {
    return count == 0 ? 0 : std::max<Index>(1, count / kTrialShare);
  };
  options.epochs = share(options.epochs);
  options.max_steps = share(options.max_steps);
  return options;
}

bool has_trials(const std::vector<FlowSpec>& flows, const TrainData& data) {
  return flows.size() > 1 && data.fit.rows() >= kFewestRowsOfLongTraining;
}

/// Where training is long, a short training of each chain tells which to go on with.
/// Leaves in `best` what the short training of the one chosen reached.
std::vector<FlowSpec> promising(std::vector<FlowSpec> flows, const TrainData& data,
                                const TrainOptions& options, const Deadline& deadline,
                                Journal& journal, const TrainingPart& whole,
                                std::optional<Outcome>& best) {
  if (!has_trials(flows, data)) return flows;
  const std::vector<TrainingPart> parts = training_parts(flows.size(), true);
  FlowSpec chosen;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    const FlowSpec& flow = flows[i];
    TrainOptions trial = trial_of(options);
    trial.flow = flow;
    std::optional<Outcome> outcome =
        journal.train(data, trial, deadline.share(1.0 / kTrialShare), within(whole, parts[i]));
    if (outcome && !journal.stopped()) {
      log_info("validation log p {:.4f} with {}, after a short training",
               outcome->model.training.validation_log_prob, candidate_text(flow));
    }
    if (better(outcome, best)) {
      best = std::move(outcome);
      chosen = flow;
    }
    if (journal.stopped()) return {};
  }
  return {chosen};
}

}  // namespace

std::optional<Outcome> train_best(const std::vector<FlowSpec>& flows, const TrainData& data,
                                  TrainOptions options, const Deadline& deadline, Journal& journal,
                                  const TrainingPart& whole) {
  // A model to go on from has begun already.
  const bool tries = options.cell_net.components > 1 && !options.init;
  const std::size_t more = tries ? 1 : 0;
  const CellNet from_mixture = options.cell_net;
  if (tries) options.cell_net.components = options.cell_net.fits = 1;
  std::optional<Outcome> trial, best;
  std::vector<FlowSpec> kept = promising(flows, data, options, deadline, journal, whole, trial);
  // A single transform is soon trained, and leaves its time to the others.
  std::stable_partition(kept.begin(), kept.end(),
                        [](const FlowSpec& flow) { return flow.links.size() == 1; });
  const std::vector<TrainingPart> parts =
      training_parts(flows.size() + more, has_trials(flows, data));
  const auto train_next = [&](const Deadline& own, std::size_t left) {
    std::optional<Outcome> outcome =
        journal.train(data, options, own, within(whole, parts[parts.size() - left]));
    if (outcome && kept.size() + more > 1 && !journal.stopped()) {
      log_info("validation log p {:.4f} with {}{}", outcome->model.training.validation_log_prob,
               candidate_text(options.flow),
               tries && options.cell_net.components > 1 ? ", from a mixture of the cells" : "");
    }
    if (better(outcome, best)) best = std::move(outcome);
  };
  for (std::size_t i = 0; i < kept.size() && !journal.stopped(); ++i) {
    options.flow = kept[i];
    const std::size_t left = kept.size() - i;
    train_next(deadline.share(1 / static_cast<double>(left)), left + more);
  }
  if (tries && best && !journal.stopped() && !is_late(deadline)) {
    options.flow = best->model.flow;
    options.cell_net = from_mixture;
    train_next(deadline, 1);
  }
  // The short training counts only where the long one was cut before it was as good.
  return journal.stopped() && better(trial, best) ? trial : best;
}

}  // namespace nflow::app
