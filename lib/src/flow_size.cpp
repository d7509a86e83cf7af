#include "flow_size.h"

#include <string>

#include "nflow/error.h"
#include "nflow/model.h"

namespace nflow {

// Alone a link may be larger than in its chain, by less than these generous bounds.
bool is_far_larger(const FlowSpec& flow, Index columns, Index context, const Front& front,
                   Index limit) {
  constexpr Index allowance = Index{16} << 20;
  Index count = 0;
  for (const LinkSpec& link : flow.links) {
    const FlowSpec alone{{link}};
    const Index seen = context + front.features(find_flow(link.name).context);
    const auto places = tensor_places(alone, columns - front.columns(), seen);
    if (places.empty()) continue;
    const TensorPlace& last = places.back();
    count += last.offset + last.rows * last.cols;
    if (count > allowance + 8 * limit) return true;
  }
  return false;
}

Index parameter_count(const FlowSpec& flow, Index columns, Index context, const Front& front) {
  const auto refuse = [](const std::string& count) {
    throw Error("the flow has " + count + " parameters, more than the " +
                std::to_string(kMaxParameters) + " that a model can have");
  };
  if (is_far_larger(flow, columns, context, front, kMaxParameters)) refuse("far too many");
  Index count = 0;
  for (const TensorPlace& place : tensor_places(flow, columns, context, front)) {
    count += place.rows * place.cols;
  }
  if (count > kMaxParameters) refuse(std::to_string(count));
  return count;
}

}  // namespace nflow
