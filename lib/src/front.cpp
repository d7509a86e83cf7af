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

const std::string kComponents = ":components=";

/// The options of a single link.
LinkOptions parse_options(const std::string& link, const std::string& text) {
  const FlowSpec flow = parse_flow(link + ":" + text);
  if (flow.links.size() != 1) throw UsageError("'" + text + "' is more than a net");
  return flow.links.front().options;
}

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

Front front_of(const std::vector<Support>& supports, const CellNet& cell_net) {
  if ((cell_net.components - 1) % cell_net.fits != 0) {
    throw Error("fits of a mixture of cells have as many components each");
  }
  Front front;
  front.circular = circular_columns(supports);
  front.cell_net = cell_net;
  set_circles(supports, front);
  for (const Support& support : supports) {
    if (!support.is_cut()) continue;
    if (!support.cells) throw std::logic_error("a column's cells were not fitted");
    front.cells.push_back(support.cells);
  }
  return front;
}

std::string net_text(const CellNet& cell_net) {
  const std::string text = to_text(FlowSpec{{{kCarrier, cell_net.net}}});
  return text.substr(text.find(':') + 1) +
         (cell_net.components > 1 ? kComponents + std::to_string(cell_net.components) : "");
}

CellNet parse_net(const std::string& text) {
  const std::size_t end = std::min(text.find(kComponents), text.size());
  CellNet result{parse_options(kCarrier, text.substr(0, end))};
  if (end == text.size()) return result;
  result.components = parse_options("mixture", text.substr(end + 1)).components;
  const bool possible = result.components > 1 && result.components <= kMostCellComponents &&
                        text.substr(end) == kComponents + std::to_string(result.components);
  if (possible) return result;
  throw UsageError("a mixture of cells has 2 to " + std::to_string(kMostCellComponents) +
                   " components, and nothing behind their number");
}

CellNet with_settings(const CellNet& cell_net, const std::map<std::string, std::string>& settings) {
  CellNet result = cell_net;
  for (const auto& [key, value] : settings) {
    const bool of_net = key == "hidden" || key == "net" || key == "activation" || key == "dropout";
    if (!of_net) continue;
    const LinkOptions own = parse_options(kCarrier, key + "=" + value);
    if (key == "hidden") result.net.hidden = own.hidden;
    if (key == "net") result.net.net = own.net;
    if (key == "activation") result.net.activation = own.activation;
    if (key == "dropout") result.net.dropout = own.dropout;
  }
  return result;
}

}  // namespace nflow
