#include "ask/partial_plan.h"

#include <algorithm>
#include <utility>

#include "support_map.h"

namespace nflow {
namespace {

/// Combinations of bins that are gone through one by one.
constexpr double kCombinations = 4096, kCombinationsToDraw = 256;

Support support_of(const Model& model, Index column) {
  return support_at(model.supports, static_cast<std::size_t>(column));
}

}  // namespace

PartialLayout::PartialLayout(const Model& model) : context(model.context_features()) {
  for (const Index j : chain_order(model.supports, static_cast<Index>(model.columns.size()))) {
    const Support support = support_of(model, j);
    if (support.kind == Support::Kind::circular) {
      circles.push_back(j);
      bins.push_back(kCircleBins);
    } else if (support.cells) {
      cells.push_back(j);
      bins.push_back(support.cells->bins());
    } else {
      line.push_back(j);
    }
  }
}

Index hole_bin(const Model& model, Index column) {
  const Support support = support_of(model, column);
  return support.cells && support.cells->data().hole ? support.cells->bins() - 1 : -1;
}

PartialPlan::PartialPlan(const Model& model, const PartialLayout& layout,
                         std::vector<bool> unknown_, bool for_density, bool there)
    : unknown(std::move(unknown_)) {
  const auto is_unknown = [&](Index j) { return unknown[static_cast<std::size_t>(j)]; };
  const auto any = [&](const std::vector<Index>& columns, bool wanted) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](Index j) { return is_unknown(j) == wanted; });
  };
  const bool line_known = any(layout.line, false);
  const auto cells = static_cast<Index>(layout.cells.size());
  Index core = line_known ? cells : 0;  // columns with cells that are not behind all that is known
  for (Index c = 0; c < cells; ++c) {
    const Index j = layout.cells[static_cast<std::size_t>(c)];
    if (!is_unknown(j) || (there && hole_bin(model, j) >= 0)) core = std::max(core, c + 1);
  }
  const bool circles_drawn =
      any(layout.circles, true) && (core > 0 || line_known || any(layout.circles, false));
  line_drawn = line_known && any(layout.line, true);
  const auto inside = layout.cells.begin() + core;
  bool cells_drawn = std::any_of(layout.cells.begin(), inside, is_unknown);
  // Probabilities of circles cannot be had one by one, but with the whole row's density.
  const bool whole = !layout.circles.empty() &&
                     (circles_drawn || cells_drawn ||
                      (for_density && (core > 0 || line_known || any(layout.circles, false))));
  if (whole && (any(layout.line, true) || core < cells)) {
    line_drawn = any(layout.line, true);
    core = cells;
    cells_drawn = any(layout.cells, true);
  }
  full = whole || line_known;
  walk = core;
  walks = core > 0 && (!full || cells_drawn);
  part(layout, circles_drawn);
  const double most = for_density ? kCombinations : kCombinationsToDraw;
  const bool bins_alone = !circles_drawn && !line_drawn;
  if (drawn.empty()) {
    way = behind.empty() ? Way::complete : Way::behind;
  } else if (bins_alone && combinations <= most) {
    way = Way::combinations;
  } else {
    const bool single = drawn.size() == 1 && behind.empty() && !bins_alone;
    way = single ? Way::quadrature : Way::importance;
  }
}

/// Parts the unknown columns into those that are drawn by weight, and those behind.
void PartialPlan::part(const PartialLayout& layout, bool circles_drawn) {
  const auto add = [&](Index j, bool by_weight) {
    if (unknown[static_cast<std::size_t>(j)]) (by_weight ? drawn : behind).push_back(j);
  };
  for (const Index j : layout.circles) add(j, circles_drawn);
  for (std::size_t c = 0; c < layout.cells.size(); ++c) {
    const Index j = layout.cells[c];
    const bool by_weight = static_cast<Index>(c) < walk;
    add(j, by_weight);
    if (!by_weight || !unknown[static_cast<std::size_t>(j)]) continue;
    combinations *= static_cast<double>(layout.bins[layout.circles.size() + c]);
  }
  for (const Index j : layout.line) add(j, line_drawn);
}

}  // namespace nflow
