#include "nflow/defaults.h"

#include <algorithm>

namespace nflow {
namespace {

Index steps_per_epoch(const TrainOptions& options, Index rows) {
  return std::max<Index>(1, rows / options.batch_size);
}

/// Circular splines begin at each angle's own density, which many quick steps spoil less than they
/// teach of how one follows another.
bool circles_alone(const TrainOptions& options) {
  const auto columns = static_cast<std::ptrdiff_t>(options.supports.size());
  return columns > 0 && circular_columns(options.supports) == columns;
}

}  // namespace

void set_default_length(TrainOptions& options, Index rows) {
  if (options.epochs != 0 || options.max_steps != 0) return;
  // Bins are learned by heart sooner than densities.
  const bool cells = cut_columns(options.supports) > 0;
  const Index epochs = cells ? 40 : 100;
  const Index fewest = cells                        ? 1000
                       : circles_alone(options)     ? 10000
                       : rows < kFewestRowsNotSmall ? 2000
                                                    : 5000;
  const Index most = 20000;
  options.max_steps = std::clamp(epochs * steps_per_epoch(options, rows), fewest, most);
}

double default_learning_rate(const TrainOptions& options, Index rows) {
  if (circles_alone(options)) return 3e-3;
  if (cut_columns(options.supports) > 0) return rows < kFewestRowsNotSmall ? 1e-3 : 3e-3;
  return rows < kFewestRowsNotSmall ? 3e-4 : 1e-3;
}

Index default_patience(const TrainOptions& options, Index rows) {
  const Index epochs = 20;
  const Index steps = 1500;
  return std::max(epochs, steps / steps_per_epoch(options, rows));
}

}  // namespace nflow
