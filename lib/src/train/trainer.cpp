#include "nflow/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "chain.h"
#include "nflow/error.h"
#include "nflow/version.h"
#include "support_map.h"
#include "train/batches.h"
#include "train/line_rows.h"
#include "train/mixture_choice.h"
#include "train/mixture_start.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/weights.h"

namespace nflow {
namespace {

constexpr double kLowest = -std::numeric_limits<double>::infinity();

/// Rows that ActNorm's start is taken from.
constexpr Index kInitRows = 2048;

/// How often the rate is halved before training gives up.
constexpr int kMostRollbacks = 12;

/// One training run in one precision, on rows and a model in the chain's order of columns.
template <class T>
class Run {
 public:
  Run(const Model& model, const Dataset& fit, const Dataset& validation,
      const TrainOptions& options, Index circular)
      : options_(options),
        circular_(circular),
        chain_(options.flow, static_cast<Index>(model.columns.size()),
               static_cast<Index>(model.context.size()), options.seed, nullptr, circular),
        units_(model.scaler.log_det()),
        fit_{ScaledRows<T>(fit.x, model.scaler), ScaledRows<T>(fit.context, model.context_scaler),
             normalised(fit.weights)},
        validation_{ScaledRows<T>(validation.x, model.scaler),
                    ScaledRows<T>(validation.context, model.context_scaler),
                    normalised(validation.weights)},
        batches_(fit.x.rows(), options.batch_size, options.seed),
        pool_(options.threads),
        objective_(chain_, batches_.batch_size(), pool_),
        optimizer_(chain_.blueprint(), {options.clip_norm, options.weight_decay}),
        theta_(cast(chain_.blueprint().initial_parameters(options.seed))),
        start_(std::chrono::steady_clock::now()) {
    total_steps_ = limit(options);
    batches_.shuffle(0);
    initialize_mixture(model, fit);
    initialize_from_data();
    optimizer_.state.average = theta_;
    keep_good();
  }

  void fit(const ProgressFn& progress) {
    best_ = theta_;
    const double at_start = objective_.mean(theta_, validation_) + units_;
    if (std::isfinite(at_start)) best_validation_ = at_start;
    bool going = true;
    Index since_best = 0;
    while (going) {
      EpochReport report = epoch();
      report.best = report.validation > best_validation_;
      since_best = report.best ? 0 : since_best + 1;
      if (report.best) {
        best_validation_ = report.validation;
        best_ = optimizer_.state.average;
      }
      going = !finished() && !(options_.patience > 0 && since_best >= options_.patience);
      if (progress && !progress(report)) going = false;
    }
    if (!std::isfinite(best_validation_)) throw diverged();
  }

  void store(Model& model) const {
    model.parameters = best_;
    model.permutations = chain_.blueprint().permutations();
    TrainingRecord& record = model.training;
    record.rows = fit_.x.rows();
    record.validation_rows = validation_.x.rows();
    record.epochs = epoch_;
    record.steps = step_;
    record.seed = options_.seed;
    record.train_log_prob = last_train_;
    record.validation_log_prob = best_validation_;
    record.version = kVersion;
  }

 private:
  static std::vector<T> cast(const std::vector<double>& values) {
    return {values.begin(), values.end()};
  }

  Index limit(const TrainOptions& options) const {
    const Index by_epochs = options.epochs * batches_.per_epoch();
    if (options.max_steps == 0) return by_epochs;
    return by_epochs == 0 ? options.max_steps : std::min(by_epochs, options.max_steps);
  }

  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  bool finished() const {
    return (total_steps_ > 0 && step_ >= total_steps_) || seconds() >= options_.time_limit;
  }

  /// How much of the training is over, by steps or by time, whichever is further.
  double share() const {
    const double by_steps =
        total_steps_ > 0 ? static_cast<double>(step_) / static_cast<double>(total_steps_) : 0;
    return std::isfinite(options_.time_limit) ? std::max(by_steps, seconds() / options_.time_limit)
                                              : by_steps;
  }

  double rate() const {
    return rate_factor_ * scheduled_rate(options_.schedule, options_.learning_rate, share());
  }

  /// A mixture that comes first is fitted by EM; the links behind it start from its latent space.
  void initialize_mixture(const Model& model, const Dataset& fit) {
    if (options_.flow.links.empty()) return;
    const LinkSpec& first = options_.flow.links.front();
    for (const TensorStart& start : mixture_start(first, fit, model.scaler, model.context_scaler,
                                                  circular_, pool_, options_.seed)) {
      for (const TensorPlace& tensor : chain_.blueprint().tensors()) {
        if (tensor.name != "1." + first.name + "." + start.name) continue;
        std::copy(start.values.begin(), start.values.end(), theta_.begin() + tensor.offset);
      }
    }
  }

  void initialize_from_data() {
    const Index rows = std::min(kInitRows, fit_.x.rows());
    std::vector<Index> drawn;  // by their weights
    if (!fit_.weights.empty()) {
      const auto shuffled = [&](Index r) { return shuffled_row(r); };
      drawn = resampled(fit_.weights, fit_.x.rows(), rows, shuffled);
    }
    const auto row = [&](Index r) { return drawn.empty() ? shuffled_row(r) : drawn[r]; };
    Tile<T> tile(chain_, rows, false);
    tile.resize(rows);
    fit_.x.gather(rows, row, tile.x);
    fit_.context.gather(rows, row, tile.context);
    chain_.initialize(tile.pass(theta_.data()), theta_.data(), tile.x, rows);
  }

  /// The r-th row of the epoch at hand.
  Index shuffled_row(Index r) const {
    return batches_.row(r / batches_.batch_size(), r % batches_.batch_size());
  }

  double batch_weight(Index batch) const {
    if (fit_.weights.empty()) return static_cast<double>(batches_.batch_size());
    double sum = 0;
    for (Index i = 0; i < batches_.batch_size(); ++i) sum += fit_.weights[batches_.row(batch, i)];
    return sum;
  }

  /// One walk through the rows, or as much of it as the limits allow, and a look at the validation
  /// rows. What diverges is rolled back to the end of the last good epoch, at half the rate.
  EpochReport epoch() {
    EpochReport report;
    double sum = 0, rows = 0;  // rows as their weights count them
    for (Index b = 0; b < batches_.per_epoch() && !finished(); ++b) {
      report.learning_rate = rate();
      const Dropout dropout{options_.seed, static_cast<std::uint64_t>(step_) *
                                               static_cast<std::uint64_t>(batches_.batch_size())};
      const double log_prob = objective_.batch(theta_, fit_, batches_, b, dropout);
      ++step_;
      if (!std::isfinite(log_prob) ||
          !optimizer_.step(pool_, objective_.grads(), report.learning_rate, theta_)) {
        roll_back(report);
        sum = 0;
        rows = 0;
        continue;
      }
      sum += log_prob;
      rows += batch_weight(b);
    }
    double validation = objective_.mean(optimizer_.state.average, validation_);
    if (!std::isfinite(validation)) {
      roll_back(report);
      validation = objective_.mean(optimizer_.state.average, validation_);
    } else {
      keep_good();
    }
    batches_.shuffle(static_cast<std::uint64_t>(++epoch_));
    if (rows > 0) last_train_ = sum / rows + units_;
    report.epoch = epoch_;
    report.step = step_;
    report.total_steps = total_steps_;
    report.train = last_train_;
    report.validation = validation + units_;
    report.seconds = seconds();
    return report;
  }

  void keep_good() {
    good_ = theta_;
    good_state_ = optimizer_.state;
  }

  void roll_back(EpochReport& report) {
    if (++rollbacks_ > kMostRollbacks) throw diverged();
    theta_ = good_;
    optimizer_.state = good_state_;
    rate_factor_ /= 2;
    report.note = "step " + std::to_string(step_) +
                  " was not finite: back to the last good parameters, at half the rate";
  }

  static Error diverged() {
    return Error(
        "training diverged, and a smaller rate did not help; nothing was saved. Try a smaller "
        "--learning-rate, and look for extreme values in the table");
  }

  const TrainOptions& options_;
  Index circular_;
  Chain<T> chain_;
  double units_;  // log-determinant of the standardising
  ScaledData<T> fit_, validation_;
  Batches batches_;
  ThreadPool pool_;
  Objective<T> objective_;
  Optimizer<T> optimizer_;
  std::vector<T> theta_, best_, good_;
  typename Optimizer<T>::State good_state_;
  std::chrono::steady_clock::time_point start_;
  Index total_steps_ = 0, step_ = 0, epoch_ = 0;
  int rollbacks_ = 0;
  double rate_factor_ = 1, best_validation_ = kLowest;
  double last_train_ = std::numeric_limits<double>::quiet_NaN();
};

/// A set whose columns live on supports, taken to the real line.
struct LineSet {
  LineSet(const Dataset& set, const std::vector<Support>& supports,
          const std::vector<std::string>& names, std::uint64_t seed, RowUse use)
      : data(set) {
    const std::vector<double> log_slope = put_on_line(data.x, supports, names, seed, use);
    units = weighted_mean(log_slope, data.weights);
  }

  Dataset data;
  double units = 0;  // what the columns' own units add to the mean log p
};

template <class T>
void run(Model& model, const Dataset& fit, const Dataset& validation, const TrainOptions& options,
         Index circular, const ProgressFn& progress) {
  Run<T> run(model, fit, validation, options, circular);
  run.fit(progress);
  run.store(model);
}

/// train() for rows on the line, the first `circular` columns in turns.
Model train_on_line(std::vector<std::string> columns, std::vector<std::string> context,
                    const Dataset& fit, const Dataset& validation, const TrainOptions& options,
                    Index circular, const ProgressFn& progress) {
  Model model;
  model.columns = std::move(columns);
  model.context = std::move(context);
  model.flow = options.flow;
  model.scaler = fit_scaler(fit.x, model.columns, fit.weights, circular);
  model.context_scaler = fit_scaler(fit.context, model.context, fit.weights);
  if (options.precision == Precision::float32) {
    run<float>(model, fit, validation, options, circular, progress);
  } else {
    run<double>(model, fit, validation, options, circular, progress);
  }
  return model;
}

/// train() for columns with supports: trains on the line, and tells and records what it would have
/// told and recorded of the columns themselves.
Model train_on_supports(const std::vector<std::string>& columns, std::vector<std::string> context,
                        const Dataset& fit, const Dataset& validation, TrainOptions options,
                        const ProgressFn& progress) {
  const std::vector<Support> supports = std::exchange(options.supports, {});
  const Index circular = circular_columns(supports);
  if (circular == fit.x.cols()) options.flow = {};
  const LineSet line_fit(fit, supports, columns, options.seed, RowUse::fit);
  const LineSet line_validation(validation, supports, columns, options.seed, RowUse::validation);
  const auto in_units = [&](EpochReport report) {
    report.train += line_fit.units;
    report.validation += line_validation.units;
    return !progress || progress(report);
  };
  const std::vector<Index> order = chain_order(supports, fit.x.cols());
  Model model = train_on_line(in_chain_order(columns, order), std::move(context), line_fit.data,
                              line_validation.data, options, circular, in_units);
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
                         Index fits, Index circular) {
  const std::vector<std::string> names(fit.x.cols()), context(fit.context.cols());
  const MixtureRows data = mixture_rows(fit, fit_scaler(fit.x, names, fit.weights, circular),
                                        fit_scaler(fit.context, context, fit.weights), circular);
  ThreadPool pool(threads);
  return MixtureChoice(data.rows, data.weights, pool, seed, fits).components(most);
}

}  // namespace

Index choose_components(const Dataset& fit, std::uint64_t seed, int threads, Index most, Index fits,
                        const std::vector<Support>& supports) {
  if (has_weightless_rows(fit)) {
    return choose_components(without_weightless_rows(fit), seed, threads, most, fits, supports);
  }
  if (!any_bounded(supports)) return components_on_line(fit, seed, threads, most, fits, 0);
  const std::vector<std::string> names(fit.x.cols());
  return components_on_line(LineSet(fit, supports, names, seed, RowUse::fit).data, seed, threads,
                            most, fits, circular_columns(supports));
}

Model train(std::vector<std::string> columns, std::vector<std::string> context, const Dataset& fit,
            const Dataset& validation, const TrainOptions& options, const ProgressFn& progress) {
  if (options.epochs == 0 && options.max_steps == 0 && !std::isfinite(options.time_limit)) {
    throw UsageError("training needs a limit: epochs, steps or time");
  }
  check_weights(fit, "training rows");
  check_weights(validation, "validation rows");
  if (has_weightless_rows(fit) || has_weightless_rows(validation)) {
    return train(std::move(columns), std::move(context), without_weightless_rows(fit),
                 without_weightless_rows(validation), options, progress);
  }
  if (fit.x.rows() < 2) throw Error("training needs two rows at least");
  if (validation.x.rows() < 1) throw Error("training needs a row at least to validate with");
  if (any_bounded(options.supports)) {
    return train_on_supports(columns, std::move(context), fit, validation, options, progress);
  }
  return train_on_line(std::move(columns), std::move(context), fit, validation, options, 0,
                       progress);
}

}  // namespace nflow
