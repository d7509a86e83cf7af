#include <algorithm>
#include <cmath>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/order.h"
#include "nflow/pictures.h"
#include "pictures/samples.h"

namespace nflow {
namespace {

constexpr Index kDraws = 20000;  // that levels are taken from

void refuse(const Model& model) {
  if (model.columns.size() != 2) {
    throw Error("a density is drawn over 2 columns, and the model has " +
                std::to_string(model.columns.size()));
  }
  if (!model.context.empty()) throw Error("the density of a conditional model is not drawn");
  for (std::size_t j = 0; j < model.supports.size(); ++j) {
    if (model.supports[j].kind == Support::Kind::integer) {
      throw Error("column '" + model.columns[j] +
                  "' has whole numbers, between which is no density");
    }
  }
}

double density_in(const Units& units, double log_prob) {
  return std::exp(log_prob + std::log(units[0]) + std::log(units[1]));
}

}  // namespace

RowMatrix density_grid(const Model& model, const Rectangle& where, const Units& units, Index n,
                       int threads) {
  refuse(model);
  RowMatrix points(n * n, 2);
  const auto at = [&](int column, Index i) {
    const double share = static_cast<double>(i) / static_cast<double>(n - 1);
    return (where.low[column] + share * (where.high[column] - where.low[column])) * units[column];
  };
  for (Index i = 0; i < n * n; ++i) points.row(i) << at(0, i % n), at(1, i / n);
  std::vector<double> log_prob;
  Evaluator(model, threads).log_prob(points, RowMatrix(n * n, 0), log_prob);
  RowMatrix grid(n, n);
  for (Index i = 0; i < n * n; ++i) grid(i / n, i % n) = density_in(units, log_prob[i]);
  return grid;
}

std::vector<double> density_levels(const Model& model, const std::vector<double>& shares,
                                   const Units& units, std::uint64_t seed, int threads) {
  refuse(model);
  Evaluator evaluator(model, threads);
  std::vector<double> log_prob, levels;
  const RowMatrix none(kDraws, 0), rows = finite_samples(evaluator, none, seed, 0);
  evaluator.log_prob(rows, none, log_prob);
  std::sort(log_prob.begin(), log_prob.end());
  for (const double share : shares) {
    levels.push_back(density_in(units, sorted_quantile(log_prob, 1 - share)));
  }
  return levels;
}

}  // namespace nflow
