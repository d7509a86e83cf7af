#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nflow/checkpoint.h"
#include "nflow/deadline.h"
#include "options/options.h"
#include "processes/signals.h"
#include "report/progress_text.h"
#include "report/stopwatch.h"
#include "training/same_run.h"
#include "training/train_data.h"

namespace nflow::app {

/// A trained model, and the history of its training as CSV.
struct Outcome {
  Model model;
  std::string history = "epoch,step,train,validation,learning_rate,seconds\n";
  bool start_is_best = false;          ///< no epoch was better than what training began with
  std::optional<Model> refitted = {};  ///< that start, fitted once more to all rows

  const Model& kept() const { return refitted ? *refitted : model; }
};

/// --checkpoint and its kin, for the command line.
OptionGroup checkpoint_group();

/// Keeps a command's trainings in a checkpoint, so that the command can be cut at any time and go
/// on where it was. Without --checkpoint or --resume it trains and keeps nothing.
class Journal {
 public:
  /// Reads what is to be resumed. Throws UsageError or Error.
  explicit Journal(const Arguments& arguments);

  /// Is there a checkpoint to write? A time limit then ends this process and not the training.
  bool active() const { return !path_.empty(); }

  /// Compares with what was resumed, writes a first checkpoint, and listens to signals from now on.
  /// `settings` are all that the bytes of the result depend on. Throws Error.
  void begin(Settings settings);

  /// The chains of `choose`, or those that were chosen before. None where that was interrupted.
  std::vector<FlowSpec> flows(
      const std::function<std::vector<FlowSpec>(const Interruption&)>& choose);

  /// What comes now is another table, without another fold: its chains are chosen anew.
  void next_table();

  /// The next training of the command: done before, or gone on with, or begun. None where it was
  /// interrupted before its first step. Which `part` of all it is, is shown.
  std::optional<Outcome> train(const TrainData& data, const TrainOptions& options,
                               const Deadline& deadline, const TrainingPart& part);

  /// Calls `write` in the first of several processes, to write what the command is for. Where there
  /// is a checkpoint, the function that it gets ends a wait for a reader by a signal; stopped()
  /// then.
  void write_outputs(const std::function<void(const std::function<bool()>& stop)>& write);

  /// Is the command to end now? The model so far is the best that there is.
  bool stopped() const { return stopped_; }
  /// "SIGTERM", "the time limit". All of several processes ask together.
  std::string reason() const;
  const std::string& path() const { return path_; }
  /// Why the last checkpoint could not be written; empty: it was.
  const std::string& failure() const { return failure_; }

 private:
  /// A time limit stops nothing before there is something to go on from: else a job with too short
  /// a limit would begin the same again and again.
  bool stop_wished(bool is_progress);
  bool stop_agreed(bool is_progress);
  std::vector<FlowSpec> flows_before() const;
  TrainControl::Wish wish();
  void write(const StatePieces& state);
  void save(const StatePieces& state);

  std::string path_, failure_;
  std::optional<CheckpointLock> lock_;       // of the first of several processes
  std::unique_ptr<CheckpointFile> resumed_;  // none: all is done from the start
  Deadline deadline_;                        // of this process
  double every_ = 0;
  Stopwatch watch_;
  double saved_at_ = 0;
  std::optional<Signals> signals_;
  Checkpoint checkpoint_;
  std::size_t trained_ = 0;  // trainings of this command so far
  std::size_t tables_ = 0;   // that are done with
  bool stopped_ = false;
};

}  // namespace nflow::app
