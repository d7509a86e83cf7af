#include "train/run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "nflow/error.h"
#include "nflow/mean_estimate.h"
#include "nflow/version.h"
#include "stats/weights.h"
#include "train/schedule.h"

namespace nflow {
namespace {

/// Steps between two looks at the validation rows, in an epoch that has more.
constexpr Index kMostUnseenSteps = 4096;

/// Standard errors by which an epoch must be ahead of a fitted start, which is a density that
/// learned more from the rows than a few validation rows can tell.
constexpr double kAheadOfStart = 1.5;

/// How often the rate is halved before training gives up.
constexpr int kMostRollbacks = 12;

Error diverged() {
  return Error(
      "training diverged, and a smaller rate did not help; nothing was saved. A smaller "
      "learning rate may help, and so may a look for extreme values in the table");
}

void check_lanes(const LargeTable& table, const TrainOptions& options, const Ranks* ranks) {
  if (table.ranks() == ranks && table.shape().lanes == Shards(options.batch_size).count) return;
  throw UsageError("a large table is trained on by the ranks and with the batches it was read for");
}

}  // namespace

template <class T>
Run<T>::Run(const Model& model, const Dataset& fit, const Dataset& validation,
            const TrainOptions& options, const TrainControl& control, const LineMap& line)
    : options_(options),
      control_(control),
      front_(front_of(line.supports, options.cell_net)),
      chain_(options.flow, static_cast<Index>(model.columns.size()), model.context_features(),
             options.seed, options.init ? &options.init->permutations : nullptr, front_),
      units_(model.scaler.log_det()),
      pool_(options.threads),
      batches_(make_batches(model, fit, line)),
      validation_(scaled<T>(validation, model.scaler, model.context_scaler)),
      objective_(chain_, batches_->shards(), pool_, control.ranks),
      optimizer_(chain_.blueprint(), {options.clip_norm, options.weight_decay},
                 batches_->shards().count, control.ranks),
      theta_(large_vector<T>(chain_.blueprint().initial_parameters(options.seed))),
      start_(std::chrono::steady_clock::now()) {
  total_steps_ = limit();
  best_ = theta_;
  keep_good();
  if (control.state) {
    restore_state();
  } else {
    initialize(model, fit, line);
  }
  look_at_clock();
}

template <class T>
std::unique_ptr<Batches<T>> Run<T>::make_batches(const Model& model, const Dataset& fit,
                                                 const LineMap& line) {
  if (!fit.all) {
    return std::make_unique<TableBatches<T>>(scaled<T>(fit, model.scaler, model.context_scaler),
                                             options_.batch_size, options_.seed);
  }
  check_lanes(*fit.all, options_, control_.ranks);
  lanes_.emplace(LaneRows{*fit.all, fit, line, model.scaler, model.context_scaler, options_.seed,
                          options_.context_kinds});
  return std::make_unique<LaneBatches<T>>(*lanes_, options_.batch_size, pool_);
}

template <class T>
void Run<T>::fit(const ProgressFn& progress) {
  for (bool going = true; going && !stopped_;) {
    walk();
    if (stopped_) break;
    const EpochReport report = look();
    going = !finished() && !(options_.patience > 0 && since_best_ >= options_.patience);
    if (progress && !progress(report)) going = false;
  }
  if (!stopped_ && !std::isfinite(best_validation_)) throw diverged();
}

template <class T>
void Run<T>::store(Model& model) const {
  model.parameters = best_;
  model.permutations = chain_.blueprint().permutations();
  TrainingRecord& record = model.training;
  record.rows = batches_->rows();
  record.validation_rows = validation_.rows();
  record.epochs = epoch_;
  record.steps = step_;
  record.seed = options_.seed;
  record.train_log_prob = last_train_;
  record.validation_log_prob = best_validation_;
  record.version = kVersion;
}

template <class T>
Index Run<T>::limit() const {
  if (front_.columns() == 0 && stays_as_fitted(options_.flow, chain_.context() > 0))
    return batches_->per_epoch();
  const Index most = std::numeric_limits<Index>::max() / batches_->per_epoch();
  const Index by_epochs = std::min(options_.epochs, most) * batches_->per_epoch();
  if (options_.max_steps == 0) return by_epochs;
  return by_epochs == 0 ? options_.max_steps : std::min(by_epochs, options_.max_steps);
}

/// Is the start a density that was fitted: by an earlier training, or to the rows, as a mixture and
/// the shares of cells and the densities of angles are?
template <class T>
double Run<T>::seconds() const {
  return seconds_before_ +
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

/// Once a step, so that all ranks have one time.
template <class T>
void Run<T>::look_at_clock() {
  if (control_.deadline.is_never()) return;
  passed_ = control_.deadline.passed();
  if (control_.ranks) passed_ = control_.ranks->of_first(passed_);
}

template <class T>
bool Run<T>::finished() const {
  return (total_steps_ > 0 && step_ >= total_steps_) || passed_ >= 1;
}

/// How much of the training is over, by steps or by time, whichever is further.
template <class T>
double Run<T>::share() const {
  const double by_steps =
      total_steps_ > 0 ? static_cast<double>(step_) / static_cast<double>(total_steps_) : 0;
  return std::max(by_steps, passed_);
}

template <class T>
double Run<T>::rate() const {
  return rate_factor_ * scheduled_rate(options_.schedule, options_.learning_rate, share());
}

/// The way to the next look at the validation rows, or as much of it as the limits allow.
template <class T>
void Run<T>::walk() {
  const Index end = std::min(batches_->per_epoch(), at_.looked_at + kMostUnseenSteps);
  while (at_.batch < end && !finished()) {
    step();
    look_at_clock();
    if (control_.after_step) {
      const auto rows =
          static_cast<double>(step_) * static_cast<double>(batches_->shards().batch_size);
      control_.after_step({epoch_ + 1, step_, rows, share(), seconds()});
    }
    if ((stopped_ = heed_wish())) return;
  }
}

template <class T>
void Run<T>::step() {
  at_.learning_rate = rate();
  const Dropout dropout{options_.seed,
                        static_cast<std::uint64_t>(step_) *
                            static_cast<std::uint64_t>(batches_->shards().batch_size)};
  batches_->go_to(epoch_, at_.batch++);
  const double log_prob =
      objective_.batch(theta_, *batches_, dropout,
                       scheduled_rate(TrainOptions::Schedule::cosine, options_.noise, share()));
  ++step_;
  if (!std::isfinite(log_prob) ||
      !optimizer_.step(pool_, objective_.grads(), at_.learning_rate, theta_)) {
    roll_back();
    at_.sum = 0;
    at_.rows = 0;
    return;
  }
  at_.sum += log_prob;
  at_.rows += batches_->weight();
}

/// Looks at the validation rows, and begins the next epoch where this one ends. What diverged is
/// rolled back to the last look that was good, at half the rate.
template <class T>
EpochReport Run<T>::look() {
  double validation = objective_.mean(optimizer_.state.average, validation_);
  if (!std::isfinite(validation)) {
    roll_back();
    validation = objective_.mean(optimizer_.state.average, validation_);
  } else {
    keep_good();
  }
  validation += units_;
  const bool ends = at_.batch >= batches_->per_epoch() || finished();
  if (at_.rows > 0) last_train_ = at_.sum / at_.rows + units_;

  EpochReport report;
  report.epoch = epoch_ + 1;
  report.step = step_;
  report.train = last_train_;
  report.validation = validation;
  const bool higher = validation > highest_;
  report.best = validation > best_validation_ && is_ahead_of_start();
  report.learning_rate = at_.learning_rate;
  report.seconds = seconds();
  if (at_.rolled_back_at > 0) {
    report.note = "step " + std::to_string(at_.rolled_back_at) +
                  " was not finite: back to the last good parameters, at half the rate";
  }
  at_.looked_at = at_.batch;
  at_.rolled_back_at = 0;
  since_best_ = higher ? 0 : since_best_ + (ends ? 1 : 0);
  if (higher) highest_ = validation;
  if (report.best) {
    start_log_probs_.clear();
    best_validation_ = validation;
    best_epoch_ = report.epoch;
    best_ = optimizer_.state.average;
  }
  report.best_validation = best_validation_;
  report.best_epoch = best_epoch_;
  if (ends) {
    ++epoch_;
    at_ = {};
  }
  return report;
}

/// Are the parameters that were looked at last ahead by more than chance among the validation rows?
template <class T>
bool Run<T>::is_ahead_of_start() {
  return start_log_probs_.empty() ||
         is_ahead(objective_.log_probs(), start_log_probs_, validation_.weights, kAheadOfStart);
}

template <class T>
void Run<T>::keep_good() {
  good_ = theta_;
  good_state_ = optimizer_.state;
}

template <class T>
void Run<T>::roll_back() {
  if (++rollbacks_ > kMostRollbacks) throw diverged();
  theta_ = good_;
  optimizer_.state = good_state_;
  rate_factor_ /= 2;
  at_.rolled_back_at = step_;
}

/// Saves the state where the caller wishes it; returns whether to stop.
template <class T>
bool Run<T>::heed_wish() {
  if (!control_.wish) return false;
  auto wish = control_.wish();
  Ranks* ranks = control_.ranks;
  if (ranks) wish = static_cast<TrainControl::Wish>(ranks->largest(static_cast<int>(wish)));
  if (wish != TrainControl::Wish::go_on && (!ranks || ranks->rank() == 0)) save_state();
  return wish == TrainControl::Wish::stop;
}

/// All that changes between steps, and nothing that the rows, the options and the seed determine.
template <class T>
StatePlaces Run<T>::state_places() {
  StatePlaces places;
  const auto add = [&](auto&... parts) { (places.add(parts), ...); };
  add(seconds_before_, step_, epoch_, since_best_, rollbacks_, rate_factor_);
  add(best_validation_, highest_, last_train_, best_epoch_);
  add(at_.batch, at_.looked_at, at_.sum, at_.rows, at_.learning_rate, at_.rolled_back_at);
  add(theta_, best_, good_);
  for (auto* state : {&optimizer_.state, &good_state_}) {
    add(state->m, state->v, state->average, state->steps);
  }
  return places;
}

template <class T>
void Run<T>::save_state() {
  seconds_before_ = seconds();
  start_ = std::chrono::steady_clock::now();
  control_.save(state_places().pieces());
}

/// Throws Error for a state that no training of this flow and these rows can have.
template <class T>
void Run<T>::restore_state() {
  state_places().read_from(*control_.state);
  const auto within = [](auto low, auto number, auto high) {
    return low <= number && number <= high;  // and no NaN
  };
  constexpr Index most = std::numeric_limits<Index>::max() / 2;
  const bool fits =
      within(0.0, seconds_before_, 1e18) && within(Index{0}, step_, most) &&
      within(Index{0}, epoch_, most) && within(Index{0}, best_epoch_, epoch_ + 1) &&
      within(Index{0}, since_best_, epoch_) && within(0, rollbacks_, kMostRollbacks) &&
      within(0.0, rate_factor_, 1.0) && within(Index{0}, at_.batch, batches_->per_epoch()) &&
      within(Index{0}, at_.looked_at, at_.batch) && within(Index{0}, at_.rolled_back_at, step_) &&
      within(Index{0}, optimizer_.state.steps, step_) && within(Index{0}, good_state_.steps, step_);
  if (!fits) throw Error("the state of the training is none of this flow and these rows");
  if (best_epoch_ == 0 && std::isfinite(best_validation_) && begins_fitted()) {
    objective_.mean(best_, validation_);
    start_log_probs_ = objective_.log_probs();
  }
}

template class Run<float>;
template class Run<double>;

}  // namespace nflow
