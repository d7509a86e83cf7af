#include "ask/stand_in.h"

#include <cmath>
#include <utility>

#include "math/constants.h"

namespace nflow {

StandInGiven::StandInGiven(const StandIn& stand_in, std::vector<Index> known)
    : stand_in_(stand_in), known_(std::move(known)) {
  const Index columns = stand_in.mean.empty() ? 0 : stand_in.mean[0].size();
  std::vector<Index> order = known_;
  for (Index j = 0, k = 0; j < columns; ++j) {
    if (k < static_cast<Index>(known_.size()) && known_[static_cast<std::size_t>(k)] == j) {
      ++k;
    } else {
      others_.push_back(j);
      order.push_back(j);
    }
  }
  const auto n = static_cast<Index>(known_.size()), m = static_cast<Index>(others_.size());
  for (const Eigen::MatrixXd& factor : stand_in.factor) {
    if (columns == 0) {
      parts_.emplace_back();
      continue;
    }
    // Rows in another order are no longer a triangle; a rotation of e makes them one again.
    const Eigen::MatrixXd turned = factor(order, Eigen::all).transpose();
    const Eigen::MatrixXd upper =
        Eigen::HouseholderQR<Eigen::MatrixXd>(turned).matrixQR().triangularView<Eigen::Upper>();
    const Eigen::MatrixXd lower = upper.transpose();
    Part part;
    part.known = lower.topLeftCorner(n, n);
    part.cross = lower.bottomLeftCorner(m, n);
    part.rest = lower.bottomRightCorner(m, m);
    for (Index j = 0; j < n; ++j) part.log_det_known += std::log(std::fabs(part.known(j, j)));
    for (Index j = 0; j < m; ++j) part.log_det_rest += std::log(std::fabs(part.rest(j, j)));
    parts_.push_back(std::move(part));
  }
}

StandInGiven::Row StandInGiven::at(const double* known) const {
  const auto n = static_cast<Index>(known_.size()), m = static_cast<Index>(others_.size());
  const Index components = stand_in_.components();
  Row row;
  row.mean.resize(components, m);
  Eigen::VectorXd z(n);
  const double log_wide = std::log(StandIn::kWideScale);
  for (Index k = 0; k < components; ++k) {
    const auto place = static_cast<std::size_t>(k);
    const Eigen::VectorXd& mean = stand_in_.mean[place];
    for (Index j = 0; j < n; ++j) z[j] = known[j] - mean[known_[static_cast<std::size_t>(j)]];
    if (n > 0) parts_[place].known.triangularView<Eigen::Lower>().solveInPlace(z);
    const double squares = z.squaredNorm();
    const double base = -parts_[place].log_det_known - static_cast<double>(n) * kHalfLogTwoPi;
    row.narrow.push_back(base - squares / 2);
    if (stand_in_.wide > 0) {
      row.wide.push_back(base - static_cast<double>(n) * log_wide -
                         squares / (2 * StandIn::kWideScale * StandIn::kWideScale));
    }
    for (Index j = 0; j < m; ++j) {
      const double shift = n > 0 ? parts_[place].cross.row(j).dot(z) : 0;
      row.mean(k, j) = mean[others_[static_cast<std::size_t>(j)]] + shift;
    }
  }
  return row;
}

void StandInGiven::draw(const Row& row, Index k, double scale, const double* normal,
                        double* out) const {
  const Eigen::MatrixXd& factor = parts_[static_cast<std::size_t>(k)].rest;
  for (Index j = 0; j < factor.rows(); ++j) {
    double sum = 0;
    for (Index i = 0; i <= j; ++i) sum += factor(j, i) * normal[i];
    out[j] = row.mean(k, j) + scale * sum;
  }
}

StandInGiven::Pair StandInGiven::log_density(const Row& row, Index k, const double* others,
                                             double* work) const {
  const Part& part = parts_[static_cast<std::size_t>(k)];
  const Index m = part.rest.rows();
  double squares = 0;
  for (Index j = 0; j < m; ++j) {
    double left = others[j] - row.mean(k, j);
    for (Index i = 0; i < j; ++i) left -= part.rest(j, i) * work[i];
    work[j] = left / part.rest(j, j);
    squares += work[j] * work[j];
  }
  const auto count = static_cast<double>(m);
  const double base = -part.log_det_rest - count * kHalfLogTwoPi;
  return {base - squares / 2, base - count * std::log(StandIn::kWideScale) -
                                  squares / (2 * StandIn::kWideScale * StandIn::kWideScale)};
}

}  // namespace nflow
