#include "flow_size.h"

#include <cmath>
#include <string>

#include "nflow/available_memory.h"
#include "nflow/error.h"
#include "nflow/trainer.h"
#include "train/batches.h"

namespace nflow {
namespace {

// Those of the parameters and of their like that a training keeps: the best and the last good ones,
// their average, the gradient, both moments of Adam; and the last good average and moments.
constexpr Index kCopies = 10;

std::string gigabytes(double bytes) {
  const long long tenths = std::llround(bytes / 1e8);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

}  // namespace

// Alone a link may be larger than in its chain, by less than these generous bounds.
bool is_far_larger(const FlowSpec& flow, Index columns, Index context, Index circular,
                   Index limit) {
  constexpr Index allowance = Index{16} << 20;
  Index count = 0;
  for (const LinkSpec& link : flow.links) {
    const FlowSpec alone{{link}};
    const auto places =
        tensor_places(alone, columns - circular, context + kCircleFeatures * circular);
    if (places.empty()) continue;
    const TensorPlace& last = places.back();
    count += last.offset + last.rows * last.cols;
    if (count > allowance + 8 * limit) return true;
  }
  return false;
}

Index parameter_count(const FlowSpec& flow, Index columns, Index context, Index circular) {
  const auto refuse = [](const std::string& count) {
    throw Error("the flow has " + count + " parameters, more than the " +
                std::to_string(kMaxParameters) + " that a model can have");
  };
  if (is_far_larger(flow, columns, context, circular, kMaxParameters)) refuse("far too many");
  Index count = 0;
  for (const TensorPlace& place : tensor_places(flow, columns, context, circular)) {
    count += place.rows * place.cols;
  }
  if (count > kMaxParameters) refuse(std::to_string(count));
  return count;
}

void check_memory(const TrainOptions& options, Index parameters, int processes) {
  const double each = options.precision == Precision::float32 ? 4 : 8;
  const double copies = static_cast<double>(kCopies + Shards(options.batch_size).count);
  const double needed = static_cast<double>(parameters) * each * copies;
  const auto available = static_cast<double>(available_memory(processes));
  if (needed <= available) return;
  throw Error("the flow has " + std::to_string(parameters) + " parameters, whose training takes " +
              gigabytes(needed) + " of memory, and this process may take " + gigabytes(available));
}

}  // namespace nflow
