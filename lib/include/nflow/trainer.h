#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/deadline.h"
#include "nflow/error.h"
#include "nflow/interruption.h"
#include "nflow/model.h"
#include "nflow/ranks.h"

namespace nflow {

struct TrainOptions {
  enum class Schedule { cosine, constant };

  FlowSpec flow;          ///< of the columns behind the front; left aside where there are none
  CellNet cell_net = {};  ///< of the columns that are cut into cells
  std::vector<Support> supports;  ///< of the modelled columns, cells fitted; empty: all REAL
  std::vector<ContextKind> context_kinds = {};  ///< of the context; empty: all plain numbers
  Precision precision = Precision::float32;
  std::uint64_t seed = 0;
  int threads = 1;
  Index batch_size = kDefaultBatchSize;
  Index epochs = 0;     ///< 0: no limit of its own
  Index max_steps = 0;  ///< 0: no limit of its own
  double learning_rate = 1e-3;
  Schedule schedule = Schedule::cosine;
  double weight_decay = 0;  ///< decoupled (AdamW), on the weights of conditioners
  /// Deviation of the normal noise on training rows and their context at the first step, in
  /// standard deviations of the columns; falls to 0 as a cosine rate does.
  double noise = 0;
  double clip_norm = 5;  ///< of the gradient of the mean loss; 0: none
  Index patience = 0;    ///< epochs without a better validation log-likelihood; 0: no limit
  /// A model to go on from: its parameters are those before the first step, and flow, supports,
  /// kinds of the context, scalers and precision are its own, whatever stands above. What is kept
  /// is that model where no look at the validation rows finds better parameters. Null: begin anew.
  std::shared_ptr<const Model> init = nullptr;
  bool start_only = false;  ///< no step is taken: the model is the start, as the rows have it
};

/// What the trainer tells after each epoch, and within an epoch of many steps. Log-likelihoods in
/// nats per row and data units.
struct EpochReport {
  Index epoch = 0;  ///< that ends, or that is being gone through
  Index step = 0;
  double train = 0;  ///< mean over the epoch's batches so far
  double validation = 0;
  bool best = false;           ///< are these the best parameters so far?
  double best_validation = 0;  ///< of the best so far, the start among them
  Index best_epoch = 0;        ///< that they are of; 0: the start
  double learning_rate = 0;
  double seconds = 0;
  std::string note;  ///< a divergence that was rolled back, else empty
};

/// What the trainer tells after each step.
struct StepReport {
  Index epoch = 0;   ///< that it is part of, from 1
  Index step = 0;    ///< from 1
  double rows = 0;   ///< gone through so far, in all epochs
  double share = 0;  ///< of the training, by steps or by time, whichever is further
  double seconds = 0;
};

/// Called with each such report; false ends the training, and the best model so far is kept.
using ProgressFn = std::function<bool(const EpochReport&)>;

/// The state of a training: pieces of its own memory, which hold still until `save` returns.
using StatePieces = std::vector<std::string_view>;

/// Where the state of a training is read from, in the order in which it was saved.
class StateSource {
 public:
  virtual ~StateSource() = default;
  /// For messages: that of its file.
  virtual std::string name() const = 0;
  virtual std::uint64_t size() const = 0;
  /// The next `size` bytes. Throws Error.
  virtual void read(char* to, std::size_t size) = 0;
};

/// How a training is cut and taken up again. One that was cut between two steps and goes on ends
/// with the same bytes as one that never was, unless one of them had a deadline.
/// With several ranks, all must be given the same but `save`, which only rank 0 is asked to do, and
/// `after_step`; the wishes of all count, and the clock is that of rank 0.
struct TrainControl {
  enum class Wish { go_on, save, stop };

  /// Half of its time at most is for what precedes the first step. One of the limits, of epochs,
  /// steps or time, must be set.
  Deadline deadline = {};
  StateSource* state = nullptr;  ///< what `save` was given, to go on from there; null: begin anew
  std::function<Wish()> wish = {};  ///< asked after each step; `stop` saves too
  std::function<void(const StatePieces& state)> save = {};
  /// Asked before the first step, by all ranks together: true ends the training with Interrupted.
  std::function<bool()> interrupted = {};
  Ranks* ranks = nullptr;                                  ///< null: this process is alone
  std::function<void(const StepReport&)> after_step = {};  ///< told how far the training is
};

/// Throws Error where there is not the memory to train so many parameters; `processes` share the
/// machine's, see available_memory.h.
void check_memory(const TrainOptions& options, Index parameters, int processes = 1);

/// Fits p(columns | context). The parameters kept are those with the best mean log p on
/// `validation`. Throws Error where training diverges however small the rate: nothing is kept then;
/// and, naming column and value, for a row outside the supports. For columns of integers the log p
/// reported is a lower bound: that of a density on the line, whose mass the Evaluator takes.
/// All means are weighted where the rows are. The result depends on data, options and seed, not on
/// the number of threads.
Model train(std::vector<std::string> columns, std::vector<std::string> context, const Dataset& fit,
            const Dataset& validation, const TrainOptions& options, const ProgressFn& progress,
            const TrainControl& control = {});

}  // namespace nflow
