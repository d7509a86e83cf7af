#include "nflow/gaussian.h"

#include <cmath>
#include <optional>
#include <utility>

#include "math/constants.h"
#include "scaler.h"
#include "stats/normal_fit.h"
#include "stats/weights.h"

namespace nflow {
namespace {

/// Rows that are treated at once.
constexpr Index kBlock = 4096;

}  // namespace

Gaussian::Gaussian(const Dataset& fit) : context_(fit.context.cols()) {
  const std::vector<std::string> unnamed(fit.x.cols() + context_);
  scaler_ = joined(fit_scaler(fit.context, unnamed, fit.weights),
                   fit_scaler(fit.x, unnamed, fit.weights));
  const RowMatrix rows = standardised(fit);
  const std::vector<double> weights = normalised(fit.weights);
  std::optional<Normal> normal = most_likely_normal({rows, weights});
  if (!normal) normal = choose_normal({rows, weights}, context_).normal;
  kind_ = normal->kind;
  mean_ = std::move(normal->mean);
  factor_ = std::move(normal->factor);
}

RowMatrix Gaussian::standardised(const Dataset& data) const {
  RowMatrix u(data.x.rows(), context_ + data.x.cols());
  u << data.context, data.x;
  for (Index j = 0; j < u.cols(); ++j) {
    for (double& number : u.col(j)) number = standard_score(number, scaler_, j);
  }
  return u;
}

// With y = L^-1 u standard normal, log p(u) = sum_j (-y_j^2 / 2 - log L_jj - log(2 pi) / 2); the
// context comes first, so that the terms of the columns behind it are log p(x | context).
std::vector<double> Gaussian::log_prob(const Dataset& data) const {
  const Index columns = factor_.rows() - context_;
  double constant = -static_cast<double>(columns) * kHalfLogTwoPi;
  for (Index j = context_; j < factor_.rows(); ++j) {
    constant -= std::log(factor_(j, j)) + std::log(scaler_.deviation[j]);
  }
  std::vector<double> out;
  for (Index first = 0; first < data.x.rows(); first += kBlock) {
    const Index n = std::min(kBlock, data.x.rows() - first);
    const Dataset block{data.x.middleRows(first, n), data.context.middleRows(first, n)};
    const Eigen::MatrixXd u = standardised(block).transpose().colwise() - mean_;
    const Eigen::MatrixXd y = factor_.triangularView<Eigen::Lower>().solve(u);
    for (Index r = 0; r < n; ++r) {
      out.push_back(constant - 0.5 * y.col(r).tail(columns).squaredNorm());
    }
  }
  return out;
}

}  // namespace nflow
