#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nflow/flow_spec.h"
#include "nflow/registry.h"
#include "nflow/support.h"

namespace nflow {

/// How the front learns columns with cells: it begins at a mixture, within whose components columns
/// are independent, and a net bends what the mixture says of each column given those before it.
struct CellNet {
  LinkOptions net = {};  ///< hidden, net, activation and dropout
  Index components = 1;  ///< of the mixture, the last with the shares of the bins; 1: no other
  Index fits = 1;        ///< by EM, which share the other components evenly; no model says it
};
inline constexpr Index kMostCellComponents = 64;

/// The columns that stand before the chain, which maps those of the real line given them: first
/// those on circles, then those that are cut into cells.
struct Front {
  std::vector<std::shared_ptr<const Cells>> cells = {};
  Index circular = 0;
  CellNet cell_net = {};
  /// How often each circle goes round with those before it in the chain; empty where none does.
  std::vector<std::vector<int>> windings = {};
  std::vector<Index> waves = {};  ///< of each circle's drift, see Support; 0 where it has none

  /// Does a circle follow others, by windings or a drift?
  bool any_follows() const;
  Index columns() const { return static_cast<Index>(cells.size()) + circular; }
  /// The numbers by which the chain sees them.
  Index features() const;
  /// How many of them, which come first, a link of that kind sees beside the table's context.
  Index features(ContextUse use) const;
};

/// The front of columns with these supports, whose cells are fitted. Throws Error where fits cannot
/// share the components evenly.
Front front_of(const std::vector<Support>& supports, const CellNet& cell_net);

/// "hidden=64,64:net=residual:activation=relu:dropout=0.1:components=4", without components where
/// there is one, and back. Throws UsageError.
std::string net_text(const CellNet& cell_net);
CellNet parse_net(const std::string& text);
/// A net with those of the settings, key to text, that are a net's.
CellNet with_settings(const CellNet& cell_net, const std::map<std::string, std::string>& settings);

}  // namespace nflow
