#include <utility>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/pictures.h"

namespace nflow {
namespace {

/// The model that the first links alone would be. Parameters and permutations stand in the order of
/// the links.
Model first_links(Model model, std::size_t count) {
  model.flow.links.resize(count);
  const auto columns = static_cast<Index>(model.columns.size());
  const auto tensors = tensor_places(model.flow, columns, 0);
  const Index end =
      tensors.empty() ? 0 : tensors.back().offset + tensors.back().rows * tensors.back().cols;
  std::visit([&](auto& theta) { theta.resize(static_cast<std::size_t>(end)); }, model.parameters);
  model.permutations.resize(draw_permutations(model.flow, columns, 0, 0).size());
  return model;
}

}  // namespace

std::vector<RowMatrix> link_by_link(const Model& model, const RowMatrix& rows, int threads) {
  if (!model.context.empty()) throw Error("the links of a conditional model are not drawn");
  if (circular_columns(model.supports) > 0) {
    throw Error("the links of a model with circular columns are not drawn");
  }
  std::vector<RowMatrix> stages{rows};
  const RowMatrix none(rows.rows(), 0);
  for (std::size_t count = 1; count <= model.flow.links.size(); ++count) {
    RowMatrix z;
    Evaluator(in_double(first_links(model, count)), threads).to_latent(rows, none, z);
    stages.push_back(std::move(z));
  }
  return stages;
}

}  // namespace nflow
