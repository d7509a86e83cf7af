#include "measure.h"

#include <cmath>
#include <random>

#include "nflow/evaluator.h"
#include "nflow/trainer.h"

namespace nflow::bench {
namespace {

/// Rows that the table of a training run may have at most: small next to memory, large next to any
/// epoch worth timing.
constexpr Index kMostRows = 1 << 20;

/// Steps of a timed epoch: the copies of all parameters at its end are no part of a step.
constexpr Index kFewestSteps = 20;

RowMatrix normal_rows(Index rows, Index columns) {
  std::mt19937_64 random(0);
  std::normal_distribution<double> normal;
  RowMatrix matrix(rows, columns);
  for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = normal(random);
  return matrix;
}

Dataset normal_data(Index rows, Index columns) {
  return {normal_rows(rows, columns), RowMatrix(rows, 0)};
}

TrainOptions train_options(const Configuration& configuration, Index batch, int threads) {
  TrainOptions options;
  options.flow = configuration.flow();
  options.threads = threads;
  options.batch_size = batch;
  options.schedule = TrainOptions::Schedule::constant;
  options.clip_norm = 0;  // the rival does not clip
  return options;
}

Model train_quietly(const Configuration& configuration, const TrainOptions& options, Index rows,
                    const ProgressFn& progress) {
  const std::vector<std::string> names(static_cast<std::size_t>(configuration.columns), "x");
  // One row to validate with: a look at the validation rows ends each epoch, and is no step.
  return train(names, {}, normal_data(rows, configuration.columns),
               normal_data(1, configuration.columns), options, progress);
}

/// Seconds of each of `epochs` epochs of `steps` steps, those of a first one left out.
std::vector<double> epoch_seconds(const Configuration& configuration, Index batch, Index steps,
                                  int epochs, const Effort& effort) {
  TrainOptions options = train_options(configuration, batch, effort.threads);
  options.epochs = epochs + 1;
  std::vector<double> ends;
  train_quietly(configuration, options, batch * steps, [&](const EpochReport&) {
    ends.push_back(seconds_on(effort.clock));
    return true;
  });
  std::vector<double> seconds;
  for (std::size_t i = 1; i < ends.size(); ++i) seconds.push_back(ends[i] - ends[i - 1]);
  return seconds;
}

}  // namespace

Rate time_training(const Configuration& configuration, Index batch, const Effort& effort) {
  const std::vector<double> probe = epoch_seconds(configuration, batch, 4, 3, effort);
  const double step = *std::min_element(probe.begin(), probe.end()) / 4;
  const double wanted = std::ceil(effort.seconds / kRepetitions / step);
  const Index steps = std::clamp<Index>(static_cast<Index>(std::min(wanted, 1e9)), kFewestSteps,
                                        std::max(kFewestSteps, kMostRows / batch));
  std::vector<double> rates;
  for (const double seconds : epoch_seconds(configuration, batch, steps, kRepetitions, effort)) {
    rates.push_back(static_cast<double>(batch * steps) / seconds);
  }
  return rate_of(std::move(rates));
}

Model short_trained(const Configuration& configuration, int threads) {
  constexpr Index batch = 512, steps = 8;
  TrainOptions options = train_options(configuration, batch, threads);
  options.max_steps = steps;
  return train_quietly(configuration, options, batch * steps, nullptr);
}

Rate time_log_prob(const Model& model, Index rows, const Effort& effort) {
  Evaluator evaluator(model, effort.threads);
  const RowMatrix x = normal_rows(rows, static_cast<Index>(model.columns.size()));
  const RowMatrix context(rows, 0);
  std::vector<double> log_prob;
  return time_calls(static_cast<double>(rows), effort,
                    [&] { evaluator.log_prob(x, context, log_prob); });
}

Rate time_sample(const Model& model, Index rows, const Effort& effort) {
  Evaluator evaluator(model, effort.threads);
  const RowMatrix context(rows, 0);
  RowMatrix x;
  return time_calls(static_cast<double>(rows), effort,
                    [&] { evaluator.sample(0, 0, rows, context, 1, x); });
}

}  // namespace nflow::bench
