#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "nflow/model.h"
#include "nflow/table.h"

namespace nflow {

/// Rows to train on or to validate with, in the units of the columns.
struct Dataset {
  RowMatrix x;        ///< N x D
  RowMatrix context;  ///< N x C; C may be 0
};

struct TrainOptions {
  enum class Schedule { cosine, constant };

  FlowSpec flow;
  Precision precision = Precision::float32;
  std::uint64_t seed = 0;
  int threads = 1;
  Index batch_size = 512;
  Index epochs = 0;     ///< 0: no limit of its own
  Index max_steps = 0;  ///< 0: no limit of its own; one of the two limits must be set
  double time_limit = std::numeric_limits<double>::infinity();  ///< seconds
  double learning_rate = 1e-3;
  Schedule schedule = Schedule::cosine;
  double weight_decay = 0;  ///< decoupled (AdamW), on the weights of conditioners
  double clip_norm = 5;     ///< of the gradient of the mean loss; 0: none
  Index patience = 0;       ///< epochs without a better validation log-likelihood; 0: no limit
};

/// What the trainer tells after each epoch. Log-likelihoods in nats per row and data units.
struct EpochReport {
  Index epoch = 0;
  Index step = 0;
  Index total_steps = 0;  ///< the schedule's length
  double train = 0;       ///< mean over the epoch's batches
  double validation = 0;
  bool best = false;  ///< are these the best parameters so far?
  double learning_rate = 0;
  double seconds = 0;
  std::string note;  ///< a divergence that was rolled back, else empty
};

/// Called after each epoch; false ends the training, and the best model so far is kept.
using ProgressFn = std::function<bool(const EpochReport&)>;

/// Components of the Gaussian mixture that fits `validation` best, among 1, 2, 4, ... up to `most`.
Index choose_components(const Dataset& fit, const Dataset& validation, std::uint64_t seed,
                        int threads, Index most);

/// Fits p(columns | context). The parameters kept are those with the best mean log p on
/// `validation`. Throws Error where training diverges however small the rate: nothing is kept then.
/// The result depends on data, options and seed, not on the number of threads.
Model train(std::vector<std::string> columns, std::vector<std::string> context, const Dataset& fit,
            const Dataset& validation, const TrainOptions& options, const ProgressFn& progress);

}  // namespace nflow
