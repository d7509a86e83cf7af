#include "nflow/refit.h"

#include "nflow/evaluator.h"
#include "nflow/mean_estimate.h"

namespace nflow {
namespace {

/// A tenth more rows are worth little where there are more than these.
constexpr Index kMostRows = 5000;

RowMatrix stacked(const RowMatrix& one, const RowMatrix& other) {
  RowMatrix all(one.rows() + other.rows(), one.cols());
  all << one, other;
  return all;
}

std::vector<double> weights_of(const Dataset& rows) {
  if (!rows.weights.empty()) return rows.weights;
  return std::vector<double>(static_cast<std::size_t>(rows.x.rows()), 1);
}

Dataset together(const Dataset& one, const Dataset& other) {
  Dataset all{stacked(one.x, other.x), stacked(one.context, other.context)};
  if (one.weights.empty() && other.weights.empty()) return all;
  all.weights = weights_of(one);
  const std::vector<double> more = weights_of(other);
  all.weights.insert(all.weights.end(), more.begin(), more.end());
  return all;
}

double mean_log_prob(const Model& model, const Dataset& rows, int threads) {
  std::vector<double> log_prob;
  Evaluator(model, threads).log_prob(rows.x, rows.context, log_prob);
  return estimate_mean(log_prob, rows.weights).mean;
}

}  // namespace

std::optional<Dataset> rows_to_refit(const Model& kept, const Dataset& fit,
                                     const Dataset& validation) {
  const std::vector<LinkSpec>& links = kept.flow.links;
  const bool fitted = links.empty() || is_fitted(links.front());
  if (!fitted || fit.all || fit.x.rows() + validation.x.rows() > kMostRows) return std::nullopt;
  return together(fit, validation);
}

std::optional<Model> refitted(const Model& kept, Model again, const Dataset& all, int threads) {
  if (!(mean_log_prob(again, all, threads) > mean_log_prob(kept, all, threads))) {
    return std::nullopt;
  }
  again.training = kept.training;
  again.training.rows = all.rows();
  return again;
}

}  // namespace nflow
