#include "nflow/model.h"

#include <cmath>

#include "chain.h"

namespace nflow {

double Scaler::log_det() const {
  double total = 0;
  for (double d : deviation) total -= std::log(d);
  return total;
}

Precision Model::precision() const {
  return parameters.index() == 0 ? Precision::float32 : Precision::float64;
}

Index Model::parameter_count() const {
  return std::visit([](const auto& theta) { return static_cast<Index>(theta.size()); }, parameters);
}

Model in_double(Model model) {
  if (const auto* theta = std::get_if<std::vector<float>>(&model.parameters)) {
    model.parameters = std::vector<double>(theta->begin(), theta->end());
  }
  return model;
}

std::vector<TensorPlace> tensor_places(const FlowSpec& flow, Index columns, Index context,
                                       const Front& front) {
  return Chain<float>(flow, columns, context, 0, nullptr, front).blueprint().tensors();
}

std::vector<Permutation> draw_permutations(const FlowSpec& flow, Index columns, Index context,
                                           std::uint64_t seed, const Front& front) {
  return Chain<float>(flow, columns, context, seed, nullptr, front).blueprint().permutations();
}

}  // namespace nflow
