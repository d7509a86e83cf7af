#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/support.h"

namespace nflow {

/// The joint density of rows with holes, learnt from what is there, and draws from it for what is
/// not. It takes holes as missing at random: whether a value is missing may depend on what is there
/// in the row and not on the value itself (Rubin, "Inference and missing data", 1976). Each hole is
/// then filled with a draw given the rest of the row, and not with a mean, which would make columns
/// narrower than they are.
///
/// The density is a mixture of normal components with labels that are independent within each,
/// fitted by EM that is exact with holes (stats/labelled_mixture.h); as many components as give
/// rows held out of the fit the highest density. Numbers with an order that are not plain (grids,
/// single values, circles) enter by their ranks, as normal scores, and come back as values that the
/// column has.
class Imputer {
 public:
  /// Fits it to the rows. Holes and labels stand in x as labels.h has them, and contexts have none.
  /// `supports` are of the columns of x, without cells, and holes are none of their values; empty:
  /// all REAL. Throws Error where a column has no value at all.
  Imputer(const Dataset& fit, const std::vector<Support>& supports, std::uint64_t seed,
          int threads);
  ~Imputer();
  Imputer(const Imputer&) = delete;
  Imputer& operator=(const Imputer&) = delete;

  Index components() const;  ///< of the mixture
  /// Puts a draw in each hole; returns how many there were. Draws are a function of seed, stream
  /// and the row's place, and the same for any number of threads.
  Index fill(Dataset& data, std::uint32_t stream) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nflow
