#pragma once

#include <cstdint>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/model.h"

namespace nflow {

// Numbers that are uniform on [0, 1] and independent from row to row where rows come from the model
// (probability integral transforms). Near 0 and 1 there are too many where the model is too narrow,
// too few where it is too wide; a slope is a bias.

/// The place of each column's value among `draws` >= 1 values that the model draws given the row's
/// context, N x D. Between two draws, and between equal whole numbers, the
/// place is random.
RowMatrix column_places(const Model& model, const Dataset& rows, Index draws, std::uint64_t seed,
                        int threads);

/// The latent numbers of rows, N x D, independent and standard normal where these come from the
/// model; whole numbers go to points of their cells drawn from its density there. NaN for a row
/// without density.
RowMatrix latent_numbers(const Model& model, const Dataset& rows, std::uint64_t seed, int threads);

/// The share of the latent space that is nearer to its middle than a row, from all of the row's
/// latent numbers. Rows without density are left out.
std::vector<double> radius_places(const RowMatrix& latent);

/// Bounds on how many of n uniform numbers fall into one of `bins` equal parts of [0, 1]; they hold
/// for a share of the parts.
struct CountBand {
  double low, high;
};
CountBand chance_band(Index n, Index bins, double share);

}  // namespace nflow
