#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "ask/stand_in.h"
#include "nflow/model.h"

namespace nflow {

/// The columns of a model by what they are, each in the chain's order.
struct PartialLayout {
  std::vector<Index> circles, cells, line;
  std::vector<Index> bins;  ///< of the circles and columns with cells, as a StandIn has them
  Index context = 0;        ///< its features, which stand before the line's columns in a StandIn

  explicit PartialLayout(const Model& model);
};

/// A circle as a StandIn has it, and the bin of an angle in turns, from -1/2 to 1/2.
inline constexpr Index kCircleBins = 16;
inline Index circle_bin(double turns) {
  return std::clamp<Index>(static_cast<Index>((turns + 0.5) * kCircleBins), 0, kCircleBins - 1);
}

/// What is to be done for rows that have the same columns unknown; see nflow/partial.h.
struct PartialPlan {
  enum class Way { complete, behind, combinations, quadrature, importance };

  std::vector<bool> unknown;  ///< of each column of the table
  Way way = Way::complete;
  Index walk = 0;                      ///< columns with cells that are walked
  bool walks = false;                  ///< are any to be drawn, or do their probabilities count?
  bool line_drawn = false;             ///< are any columns of the line among `drawn`?
  bool full = false;                   ///< does a draw count by its whole row's density?
  std::vector<Index> drawn;            ///< unknown columns that are drawn by weight
  std::vector<Index> behind;           ///< and those that the chain's inverse draws after that
  double combinations = 1;             ///< of the bins of `drawn`, where these have bins
  std::shared_ptr<StandInGiven> line;  ///< of a StandIn, given the context and what is known

  PartialPlan(const Model& model, const PartialLayout& layout, std::vector<bool> unknown_,
              bool for_density, bool there);

 private:
  void part(const PartialLayout& layout, bool circles_drawn);
};

/// The bin of a hole, where a column has one; else -1.
Index hole_bin(const Model& model, Index column);

}  // namespace nflow
