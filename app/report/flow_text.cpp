#include "report/flow_text.h"

#include "nflow/csv.h"
#include "nflow/printable.h"

namespace nflow::app {

std::string start_of(const FlowSpec& spec) {
  const LinkSpec& first = spec.links.front();
  if (first.name == "neural-mixture") {
    return "a neural mixture of " + std::to_string(first.options.components);
  }
  if (first.name != "mixture") return first.name;
  if (first.options.components == 1) return "a normal density";
  return "a mixture of " + std::to_string(first.options.components);
}

std::string candidate_text(const FlowSpec& spec) {
  if (spec.links.empty()) return "cells alone";
  return start_of(spec) + (spec.links.size() > 1 ? " first" : " alone");
}

std::string describe_default(const FlowSpec& spec, const std::vector<Support>& supports) {
  if (spec.links.empty()) {
    const bool cells = cut_columns(supports) > 0, circles = circular_columns(supports) > 0;
    return std::string("of ") + (cells ? "cells" : "") + (cells && circles ? " and " : "") +
           (circles ? "circular splines" : "") + " alone";
  }
  if (spec.links.size() == 1) return to_text(spec);
  const LinkOptions& net = spec.links.back().options;
  return to_text({{spec.links.front()}}) + ", " + std::to_string(spec.links.size() / 2) +
         " x (conv1x1, nsf-cl) with hidden " + joined(net.hidden, ",") + ", dropout " +
         number_text(net.dropout);
}

}  // namespace nflow::app
