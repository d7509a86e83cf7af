#include "nflow/front.h"

#include <algorithm>
#include <stdexcept>

#include "bijectors/categorical.h"
#include "nflow/error.h"
#include "support_map.h"

namespace nflow {
namespace {

/// A link whose text has what such a net needs and little beside.
constexpr const char* kCarrier = "maf";

/// What each circle, in the chain's order, takes from those before it.
void set_circles(const std::vector<Support>& supports, Front& front) {
  std::vector<Index> order = chain_order(supports, static_cast<Index>(supports.size()));
  order.resize(static_cast<std::size_t>(front.circular));
  std::vector<Index> circles = order;  // in the table's order, as windings count them
  std::sort(circles.begin(), circles.end());
  for (const Index column : order) {
    const Support& support = supports[static_cast<std::size_t>(column)];
    std::vector<int> windings;
    for (std::size_t i = 0; i < front.windings.size(); ++i) {
      const auto number = static_cast<std::size_t>(
          std::lower_bound(circles.begin(), circles.end(), order[i]) - circles.begin());
      windings.push_back(number < support.winding.size() ? support.winding[number] : 0);
    }
    while (!windings.empty() && windings.back() == 0) windings.pop_back();
    front.windings.push_back(windings);
    front.waves.push_back(support.waves);
  }
  Index all = 0;
  for (const Index waves : front.waves) {
    if (all != 0 && waves != 0 && waves != all) {
      throw Error("drifts of circles have one number of waves");
    }
    all = std::max(all, waves);
  }
}

}  // namespace

Index Front::features() const {
  Index count = kCircleFeatures * circular;
  for (const auto& column : cells) count += features_of(*column);
  return count;
}

Index Front::features(ContextUse use) const {
  return use == ContextUse::joint ? kCircleFeatures * circular : features();
}

bool Front::any_follows() const {
  return std::any_of(waves.begin(), waves.end(), [](Index own) { return own > 0; }) ||
         std::any_of(windings.begin(), windings.end(),
                     [](const auto& own) { return !own.empty(); });
}

Front front_of(const std::vector<Support>& supports, const LinkOptions& net) {
  Front front;
  front.circular = circular_columns(supports);
  front.net = net;
  set_circles(supports, front);
  for (const Support& support : supports) {
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
