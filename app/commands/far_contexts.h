#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nflow/model.h"

namespace nflow::app {

/// Counts rows whose context is far outside what the model was trained on, where it can only guess.
class FarContexts {
 public:
  explicit FarContexts(const Model& model) : model_(model), rows_(model.context_features(), 0) {}

  /// The context's features.
  void add(const RowMatrix& context);
  /// `shared`: has each process counted its own rows only?
  void warn(bool shared) const;

 private:
  const Model& model_;
  std::vector<std::uint64_t> rows_;  // by the first column that is
};

}  // namespace nflow::app
