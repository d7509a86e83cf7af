#include "stats/hole_pattern.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "math/constants.h"

namespace nflow {

std::vector<Index> by_pattern(const HoledRows& rows) {
  const auto count = static_cast<std::size_t>(rows.rows());
  std::vector<std::vector<bool>> pattern(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const double x : rows.numbers.row(static_cast<Index>(i))) pattern[i].push_back(x != x);
  }
  std::vector<Index> order(count);
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return pattern[static_cast<std::size_t>(a)] < pattern[static_cast<std::size_t>(b)];
  });
  return order;
}

PatternView::PatternView(const LabelledMixture& mixture, const HoledRows& rows,
                         const PatternRows& which) {
  const Index components = mixture.components();
  for (Index e = 0; e < mixture.columns(); ++e) {
    const double x = rows.numbers(which.row[0], e);
    (x == x ? known_ : missing_).push_back(e);
  }
  Eigen::MatrixXd numbers(static_cast<Index>(known_.size()), which.count);
  for (Index i = 0; i < which.count; ++i) {
    numbers.col(i) = rows.numbers(which.row[i], known_).transpose();
  }
  share_.resize(which.count, components);
  for (Index k = 0; k < components; ++k) {
    share_.col(k) = add_part(mixture, numbers, k).array() + mixture.log_weight(k);
  }
  for (Index l = 0; l < rows.labels.cols(); ++l) {
    for (Index i = 0; i < which.count; ++i) {
      const int label = rows.labels(which.row[i], l);
      if (label >= 0) {
        share_.row(i).array() +=
            mixture.probability[static_cast<std::size_t>(l)].row(label).array().log();
      }
    }
  }
  log_density_.resize(which.count);
  for (Index i = 0; i < which.count; ++i) {
    const double highest = share_.row(i).maxCoeff();
    share_.row(i) = (share_.row(i).array() - highest).exp();
    const double sum = share_.row(i).sum();
    share_.row(i) /= sum;
    log_density_(i) = highest + std::log(sum);
  }
}

// Given the numbers o that are there, the missing ones m are normal with mean
// mu_m + A (x_o - mu_o), A = S_mo S_oo^-1, and covariance S_mm - A S_om.
Eigen::VectorXd PatternView::add_part(const LabelledMixture& mixture,
                                      const Eigen::MatrixXd& numbers, Index component) {
  const Eigen::MatrixXd& covariance = mixture.covariance[static_cast<std::size_t>(component)];
  const Eigen::VectorXd mean = mixture.mean.col(component);
  const Eigen::LLT<Eigen::MatrixXd> factor(covariance(known_, known_));
  const Eigen::MatrixXd from_mean = numbers.colwise() - mean(known_);
  Eigen::VectorXd log_density = Eigen::VectorXd::Constant(
      numbers.cols(), -kHalfLogTwoPi * static_cast<double>(numbers.rows()));
  Part part;
  part.completed.resize(mixture.columns(), numbers.cols());
  part.completed(known_, Eigen::all) = numbers;
  part.spread = covariance(missing_, missing_);
  part.completed(missing_, Eigen::all).colwise() = mean(missing_);
  if (!known_.empty()) {
    const Eigen::MatrixXd white = factor.matrixL().solve(from_mean);
    log_density -= 0.5 * white.colwise().squaredNorm().transpose();
    log_density.array() -= factor.matrixLLT().diagonal().array().log().sum();
    const Eigen::MatrixXd cross = covariance(known_, missing_);
    const Eigen::MatrixXd regression = factor.solve(cross);  // A^T
    part.completed(missing_, Eigen::all) += regression.transpose() * from_mean;
    part.spread -= cross.transpose() * regression;
  }
  parts_.push_back(std::move(part));
  return log_density;
}

}  // namespace nflow
