#include <cmath>
#include <utility>

#include "math/constants.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/pictures.h"
#include "scaler.h"
#include "support_map.h"

namespace nflow {
namespace {

constexpr Index kSides = 120;  // of a polygon that is seen as a circle

void refuse(const Model& model) {
  if (!model.context.empty()) throw Error("the links of a conditional model are not drawn");
  if (circular_columns(model.supports) > 0) {
    throw Error("the links of a model with circular columns are not drawn");
  }
}

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
  refuse(model);
  std::vector<RowMatrix> stages{rows};
  const RowMatrix none(rows.rows(), 0);
  for (std::size_t count = 1; count <= model.flow.links.size(); ++count) {
    RowMatrix z;
    Evaluator(in_double(first_links(model, count)), threads).to_latent(rows, none, z);
    stages.push_back(std::move(z));
  }
  return stages;
}

std::vector<double> directions(const Model& model, RowMatrix rows) {
  refuse(model);
  if (model.columns.size() != 2) throw Error("rows have directions in two columns");
  SupportMap(model.supports).to_line(rows);
  std::vector<double> turns;
  for (Index i = 0; i < rows.rows(); ++i) {
    const double x = standard_score(rows(i, 0), model.scaler, 0);
    const double y = standard_score(rows(i, 1), model.scaler, 1);
    turns.push_back(0.5 + std::atan2(y, x) / kTwoPi);
  }
  return turns;
}

RowMatrix circle_around(double share) {
  const double radius = std::sqrt(-2 * std::log1p(-share));
  RowMatrix points(kSides + 1, 2);
  for (Index i = 0; i <= kSides; ++i) {
    const double angle = kTwoPi * static_cast<double>(i % kSides) / static_cast<double>(kSides);
    points.row(i) << radius * std::cos(angle), radius * std::sin(angle);
  }
  return points;
}

}  // namespace nflow
