#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "nflow/model.h"
#include "nflow/table.h"

namespace nflow {

// What pictures of a model are drawn from.

/// The density of some numbers in each of `bins` >= 1 equal parts of [low, high]; numbers outside
/// count among all. There is a row "left edge, density" for each part, and one more that closes
/// the last with 0.
RowMatrix histogram(const std::vector<double>& numbers, double low, double high, Index bins);

/// A sample for each row of context, to be shown beside rows that have it: not those that nflow
/// sample draws with the same seed. Throws Error where one is beyond the model's precision.
RowMatrix samples_beside(const RowMatrix& context, const Model& model, std::uint64_t seed,
                         int threads);

/// What two columns are measured in, as programs that draw cannot do with numbers of any size.
using Units = std::array<double, 2>;

/// The density of a model of two columns at n x n points that fill a rectangle, all in those units:
/// rows of n numbers, the first column from low to high along a row, the second from row to row;
/// n >= 2. Throws Error where the model has other columns, or a context, or a column of whole
/// numbers.
struct Rectangle {
  double low[2], high[2];
};
RowMatrix density_grid(const Model& model, const Rectangle& where, const Units& units, Index n,
                       int threads);

/// The densities, in those units, above which these shares of the mass lie (of regions of highest
/// density), from samples.
std::vector<double> density_levels(const Model& model, const std::vector<double>& shares,
                                   const Units& units, std::uint64_t seed, int threads);

/// Rows on their way through the chain: as they are, then behind each link in the numbers that the
/// chain sees; the last are the latent ones. Throws Error where the model has a context or columns
/// on circles.
std::vector<RowMatrix> link_by_link(const Model& model, const RowMatrix& rows, int threads);

/// For each row of two columns its direction from the middle of the data, as the chain sees them:
/// where it lies on the way around, 0 to 1, counterclockwise. Throws Error where the model has
/// other columns, or what link_by_link() refuses.
std::vector<double> directions(const Model& model, RowMatrix rows);

/// Points of the circle inside which that share of a unit Gaussian of two columns lies; the last is
/// the first.
RowMatrix circle_around(double share);

}  // namespace nflow
