#pragma once

#include <optional>
#include <vector>

#include "nflow/dataset.h"
#include "nflow/mixture_search.h"
#include "nflow/support.h"

namespace nflow {

/// The scale on which numbers look most like normal ones: that which gives the parts between some
/// of their quantiles the likeliest probabilities, where the scaled numbers are normal. None where
/// they are as well off as they are, too few, or often the same.
std::optional<Support> fit_scale(std::vector<double> numbers);

/// The supports, where columns that are REAL and `free` have such scales: all that fit_scale() has
/// one for, or none. Mixtures of all columns choose between the two, on rows held out of them.
std::vector<Support> choose_scales(const Dataset& fit, const std::vector<Support>& supports,
                                   const std::vector<bool>& free, const MixtureSearch& search);

}  // namespace nflow
