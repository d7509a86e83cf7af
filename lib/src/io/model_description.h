#pragma once

#include <string>

#include "nflow/model.h"

namespace nflow {

// nflow's own document in a model file: columns, context, support, flow, precision and training.

/// Throws Error where a name cannot be written as JSON or a count is negative.
std::string describe_model(const Model& model);

struct DescribedModel {
  Model model;  ///< without scalers, permutations and parameters
  Precision precision;
};

/// Keys it does not know are left alone: later versions may add some. Throws Error or
/// nlohmann::json::exception.
DescribedModel read_description(const std::string& text, int version);

}  // namespace nflow
