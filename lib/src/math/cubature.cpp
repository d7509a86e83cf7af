#include "math/cubature.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace nflow {
namespace {

// The rule on [-1, 1]: 7 nodes, of which every second one belongs to Gauss's rule of 3 nodes
// (Kronrod 1965).
constexpr Index kNodes = 7;
constexpr double kNode[kNodes] = {
    -0.96049126870802028342, -0.77459666924148337704, -0.43424374934680255800, 0,
    0.43424374934680255800,  0.77459666924148337704,  0.96049126870802028342};
constexpr double kKronrod[kNodes] = {
    0.10465622602646726519, 0.26848808986833344073, 0.40139741477596222291, 0.45091653865847414235,
    0.40139741477596222291, 0.26848808986833344073, 0.10465622602646726519};
constexpr double kGauss[kNodes] = {0, 5.0 / 9, 0, 8.0 / 9, 0, 5.0 / 9, 0};

struct Cell {
  double low[2], high[2];
  double value;
  double error[2];  // along each dimension

  double all_error() const { return std::fabs(error[0]) + std::fabs(error[1]); }
};

class Cubature {
 public:
  Cubature(const BatchFunction& f, Index dimensions) : f_(f), dimensions_(dimensions) {
    for (Index d = 0; d < dimensions; ++d) nodes_ *= kNodes;
  }

  Index points(std::size_t cells) const { return static_cast<Index>(cells) * nodes_; }

  /// The integral over each cell; along each dimension, what Gauss's rule in place of Kronrod's
  /// changes is the error.
  void evaluate(std::vector<Cell>& cells) const {
    RowMatrix points(this->points(cells.size()), dimensions_);
    for (Index i = 0; i < points.rows(); ++i) {
      const Cell& cell = cells[static_cast<std::size_t>(i / nodes_)];
      for (Index d = 0; d < dimensions_; ++d) {
        const double middle = (cell.low[d] + cell.high[d]) / 2;
        points(i, d) = middle + kNode[node(i, d)] * (cell.high[d] - cell.low[d]) / 2;
      }
    }
    const std::vector<double> values = f_(points);
    for (Cell& cell : cells) cell.value = cell.error[0] = cell.error[1] = 0;
    for (Index i = 0; i < points.rows(); ++i) {
      Cell& cell = cells[static_cast<std::size_t>(i / nodes_)];
      double term = values[static_cast<std::size_t>(i)];
      for (Index d = 0; d < dimensions_; ++d) {
        term *= (cell.high[d] - cell.low[d]) / 2 * kKronrod[node(i, d)];
      }
      cell.value += term;
      for (Index d = 0; d < dimensions_; ++d) {
        cell.error[d] += term * (1 - kGauss[node(i, d)] / kKronrod[node(i, d)]);
      }
    }
  }

  /// Halves a cell along the dimension with the larger error.
  void split(const Cell& cell, std::vector<Cell>& parts) const {
    const Index d = std::fabs(cell.error[1]) > std::fabs(cell.error[0]) ? 1 : 0;
    Cell below = cell, above = cell;
    below.high[d] = above.low[d] = (cell.low[d] + cell.high[d]) / 2;
    parts.push_back(below);
    parts.push_back(above);
  }

 private:
  /// The node of point i of a cell, along dimension d.
  static Index node(Index i, Index d) { return d == 0 ? i % kNodes : i / kNodes % kNodes; }

  const BatchFunction& f_;
  Index dimensions_, nodes_ = 1;
};

std::vector<Cell> cells_between(const std::vector<std::vector<double>>& edges) {
  std::vector<Cell> cells{Cell{}};
  for (std::size_t d = 0; d < edges.size(); ++d) {
    std::vector<Cell> finer;
    for (const Cell& cell : cells) {
      for (std::size_t i = 0; i + 1 < edges[d].size(); ++i) {
        finer.push_back(cell);
        finer.back().low[d] = edges[d][i];
        finer.back().high[d] = edges[d][i + 1];
      }
    }
    cells = std::move(finer);
  }
  return cells;
}

}  // namespace

Integral integrate(const BatchFunction& f, const std::vector<std::vector<double>>& edges,
                   double tolerance, Index most_points) {
  const Cubature cubature(f, static_cast<Index>(edges.size()));
  std::vector<Cell> cells = cells_between(edges);
  cubature.evaluate(cells);
  for (Index points = cubature.points(cells.size());;) {
    Integral all{0, 0};
    for (const Cell& cell : cells) {
      all.value += cell.value;
      all.error += cell.all_error();
    }
    // Not a number, where the function is none somewhere: halving would go on for ever.
    if (!(all.error > tolerance) || points >= most_points) return all;
    // The cells that make up half of the error.
    std::sort(cells.begin(), cells.end(),
              [](const Cell& a, const Cell& b) { return a.all_error() < b.all_error(); });
    std::vector<Cell> parts;
    for (double left = all.error / 2; left > 0 && !cells.empty(); cells.pop_back()) {
      left -= cells.back().all_error();
      cubature.split(cells.back(), parts);
    }
    cubature.evaluate(parts);
    points += cubature.points(parts.size());
    cells.insert(cells.end(), parts.begin(), parts.end());
  }
}

}  // namespace nflow
