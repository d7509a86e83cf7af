#include "nflow/front.h"

#include <stdexcept>

#include "bijectors/categorical.h"
#include "nflow/error.h"

namespace nflow {
namespace {

/// A link whose text has what such a net needs and little beside.
constexpr const char* kCarrier = "maf";

}  // namespace

Index Front::features() const {
  Index count = kCircleFeatures * circular;
  for (const auto& column : cells) count += features_of(*column);
  return count;
}

Index Front::features(ContextUse use) const {
  return use == ContextUse::joint ? kCircleFeatures * circular : features();
}

Front front_of(const std::vector<Support>& supports, const LinkOptions& net) {
  Front front;
  front.circular = circular_columns(supports);
  front.net = net;
  for (const Support& support : supports) {
    if (support.kind == Support::Kind::circular) {
      if (support.winding.size() > front.windings.size()) {
        throw Error(to_text(support) + " has more windings than there are circles before it");
      }
      front.windings.push_back(support.winding);
    }
    if (!support.is_cut()) continue;
    if (!support.cells) throw std::logic_error("a column's cells were not fitted");
    front.cells.push_back(support.cells);
  }
  return front;
}

std::string net_text(const LinkOptions& net) {
  const std::string text = to_text(FlowSpec{{{kCarrier, net}}});
  return text.substr(text.find(':') + 1);
}

LinkOptions with_settings(const LinkOptions& net,
                          const std::map<std::string, std::string>& settings) {
  LinkOptions result = net;
  for (const auto& [key, value] : settings) {
    const bool known = key == "hidden" || key == "net" || key == "activation" || key == "dropout";
    if (!known) continue;
    const LinkOptions own = parse_net(key + "=" + value);
    if (key == "hidden") result.hidden = own.hidden;
    if (key == "net") result.net = own.net;
    if (key == "activation") result.activation = own.activation;
    if (key == "dropout") result.dropout = own.dropout;
  }
  return result;
}

LinkOptions parse_net(const std::string& text) {
  const FlowSpec flow = parse_flow(std::string(kCarrier) + ":" + text);
  if (flow.links.size() != 1) throw UsageError("'" + text + "' is more than a net");
  return flow.links.front().options;
}

}  // namespace nflow
