#include <cmath>

#include "ask/stand_in.h"

namespace nflow {
namespace {

// The prior of each component: so many rows, and one for each column of the line. Their variance is
// small, since components are narrower than all rows together.
constexpr double kPriorRows = 2, kPriorVariance = 0.01;

// Each component takes this share of its bins from those of all rows, so that no bin is impossible.
constexpr double kSpread = 0.02;

// One more component stands for all rows, wider than they are, where the others miss some.
constexpr double kBackgroundWeight = 0.02, kBackgroundVariance = 2;

// The share of every component's mass that is StandIn::kWideScale times as wide.
constexpr double kWide = 0.15;

void add_component(const LabelledMixture& from, Index k, double log_weight, double variance,
                   StandIn& to) {
  Eigen::MatrixXd covariance = variance * from.covariance[static_cast<std::size_t>(k)];
  covariance.diagonal().array() += 1e-8;
  to.log_weight.push_back(log_weight);
  to.mean.emplace_back(from.mean.col(k));
  to.factor.emplace_back(covariance.llt().matrixL());
}

}  // namespace

StandIn fit_stand_in(const HoledRows& rows, const std::vector<Index>& bins, Index components,
                     ThreadPool& pool) {
  const LabelledFit fit(rows, bins, pool, 0);
  const double prior = kPriorRows + static_cast<double>(rows.numbers.cols());
  const LabelledMixture own = fit.fit(components, {prior, kPriorVariance});
  const LabelledMixture all = fit.fit(1, {0, 0});
  StandIn mixture;
  for (Index k = 0; k < components; ++k) {
    add_component(own, k, own.log_weight[k] + std::log1p(-kBackgroundWeight), 1, mixture);
  }
  add_component(all, 0, std::log(kBackgroundWeight), kBackgroundVariance, mixture);
  for (std::size_t c = 0; c < bins.size(); ++c) {
    Eigen::MatrixXd share(components + 1, bins[c]);
    share.topRows(components) = (1 - kSpread) * own.probability[c].transpose();
    share.topRows(components).rowwise() += kSpread * all.probability[c].col(0).transpose();
    share.row(components) = all.probability[c].transpose();
    mixture.share.push_back(std::move(share));
  }
  mixture.wide = kWide;
  return mixture;
}

}  // namespace nflow
