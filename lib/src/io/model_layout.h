#pragma once

#include <cstdint>
#include <vector>

#include "io/safetensors.h"
#include "nflow/model.h"

namespace nflow {

/// What a model file must hold, as its columns, its flow and its precision say.
struct ModelLayout {
  std::vector<StoredTensor> tensors;      ///< in the order of the file, all placed
  std::vector<Permutation> permutations;  ///< names and lengths; their order means nothing
  std::uint64_t parameter_count = 0;
  std::uint64_t data_bytes = 0;
};

/// Uses nothing of the model but its columns, their supports, context and flow. Throws Error where
/// the data take more than `limit` bytes.
ModelLayout layout_of(const Model& model, Precision precision, std::uint64_t limit);

// What makes a model sound, on its way out as on its way in. All throw Error.

/// At least one column, not too many, no name twice; a flow, unless all columns are circular.
void check_names(const Model& model);

/// Scalers, permutations and parameters of the right sizes and with possible values.
void check_numbers(const Model& model, const ModelLayout& layout);

}  // namespace nflow
