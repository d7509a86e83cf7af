#pragma once

#include <cstdint>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/interruption.h"
#include "nflow/support.h"

namespace nflow {

/// How a mixture is looked for that fits rows best which it has not seen: parts of `fit` in turn,
/// on the real line where columns have supports.
struct MixtureSearch {
  std::uint64_t seed = 0;
  int threads = 1;
  Index fits = 1;  ///< mixtures that are averaged
  std::vector<Support> supports = {};
  Interruption interruption = {};
};

/// The number of components of the Gaussian mixture that fits best, up to `most`: 1, or a multiple
/// of `fits`.
Index choose_components(const Dataset& fit, Index most, const MixtureSearch& search);

/// Does a mixture for each column by itself fit better than one of all columns, of so many
/// components? Not where there is context, which the first would not know.
bool are_independent(const Dataset& fit, Index components, const MixtureSearch& search);

}  // namespace nflow
