#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chain.h"
#include "nflow/trainer.h"
#include "train/lane_batches.h"
#include "train/mixture_start.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/state.h"
#include "train/table_batches.h"

namespace nflow {

/// One training run in one precision, on rows and a model in the chain's order of columns.
template <class T>
class Run {
 public:
  Run(const Model& model, const Dataset& fit, const Dataset& validation,
      const TrainOptions& options, const TrainControl& control, const LineMap& line);

  void fit(const ProgressFn& progress);
  void store(Model& model) const;

 private:
  Index limit() const;
  bool begins_fitted() const;
  double seconds() const;
  void look_at_clock();
  bool finished() const;
  double share() const;
  double rate() const;

  std::unique_ptr<Batches<T>> make_batches(const Model& model, const Dataset& fit,
                                           const LineMap& line);
  void initialize(const Model& model, const Dataset& fit, const LineMap& line);
  void take_parameters(const Model& init);
  void take_starts(const std::string& room, const std::vector<TensorStart>& starts);
  void initialize_mixture(const Model& model, const Dataset& fit, const LineMap& line);
  void initialize_from_data(const Dataset& fit);

  /// Where an epoch stands. `sum` and `rows` as the rows' weights count them.
  struct Epoch {
    Index batch = 0;
    Index looked_at = 0;  // the batch before which the validation rows were looked at last
    double sum = 0, rows = 0;
    double learning_rate = 0;
    Index rolled_back_at = 0;  // the step that was not finite; 0: none was
  };

  void walk();
  void step();
  EpochReport look();
  bool is_ahead_of_start();
  void keep_good();
  void roll_back();
  bool heed_wish();

  StatePlaces state_places();
  void save_state();
  void restore_state();

  const TrainOptions& options_;
  const TrainControl& control_;
  Front front_;
  Chain<T> chain_;
  double units_;  // log-determinant of the standardising
  ThreadPool pool_;
  std::optional<LaneRows> lanes_;  // of a large table
  std::unique_ptr<Batches<T>> batches_;
  ScaledData<T> validation_;
  Objective<T> objective_;
  Optimizer<T> optimizer_;
  std::vector<T> theta_, best_, good_;
  typename Optimizer<T>::State good_state_;
  std::chrono::steady_clock::time_point start_;
  double seconds_before_ = 0;  // of the runs that this one goes on from
  double passed_ = 0;          // share of the time until the deadline
  Index total_steps_ = 0, step_ = 0, epoch_ = 0, since_best_ = 0;
  int rollbacks_ = 0;
  double rate_factor_ = 1;
  double best_validation_ = -std::numeric_limits<double>::infinity();
  double highest_ = -std::numeric_limits<double>::infinity();  // of epochs behind the start too
  std::vector<double> start_log_probs_;  // of the validation rows; empty: any epoch may be better
  Index best_epoch_ = 0;                 // 0: the start
  double last_train_ = std::numeric_limits<double>::quiet_NaN();
  Epoch at_;
  bool stopped_ = false;
};

}  // namespace nflow
