#pragma once

#include <vector>

#include "nflow/table.h"

namespace nflow {

/// Points in the cell [-1/2, 1/2]^d and their weights, which sum to one.
struct CellQuadrature {
  RowMatrix nodes;  ///< Q x d
  std::vector<double> log_weight;
};

/// Products of Gauss-Legendre rules for up to three dimensions: 24 nodes for one, 12^2, 8^3.
/// Beyond, 512 points of Richtmyer's sequence (multiples of the square roots of primes, modulo 1),
/// folded so that they suit functions that are not periodic.
CellQuadrature cell_quadrature(Index dimensions);

}  // namespace nflow
