#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nflow/flow_spec.h"
#include "nflow/model.h"
#include "nflow/support.h"
#include "train/mixture_fit.h"

namespace nflow {

/// The rows of `data`, which is on the line and in the chain's order, for mixtures; `supports` are
/// in the table's.
MixtureRows mixture_rows(const Dataset& data, const Scaler& scaler, const Scaler& context_scaler,
                         const std::vector<Support>& supports);

/// Values for a parameter of the chain's first link.
struct TensorStart {
  std::string name;  ///< without the link's own: "logits"
  std::vector<double> values;
};

/// The start of a link with a mixture that comes first in a chain: fitted by EM to `fit`.
/// None for other links.
std::vector<TensorStart> mixture_start(const LinkSpec& first, const Dataset& fit,
                                       const Scaler& scaler, const Scaler& context_scaler,
                                       const std::vector<Support>& supports, ThreadPool& pool,
                                       std::uint64_t seed);

/// The other way: the mixture that a model's first link is, `mixture` by name, over the context and
/// the columns of the chain.
GaussianMixture mixture_of(const Model& model);

}  // namespace nflow
