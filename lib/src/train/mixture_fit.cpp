#include "train/mixture_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "math/random.h"
#include "train/mixture_sums.h"

namespace nflow {
namespace {

/// Rows that the prior counts as.
constexpr double kPriorRows = 2;

// The last of several components is kept wide, with a share of its own, so that a row far from all
// others is unlikely and not impossible: as if it had seen kWideRows rows of variance kWideVariance
// for each column, around the mean of all.
constexpr double kWideRows = 1, kWideVariance = 4;

/// For few rows the best of several starts goes on.
constexpr int kStarts = 6, kStartIterations = 20;

/// EM has settled when the mean log density grows by less than this in an iteration.
constexpr double kSettled = 2e-5;

double total_weight(const RowMatrix& rows, const std::vector<double>& weights) {
  if (weights.empty()) return static_cast<double>(rows.rows());
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

/// The first place at which the shares, added up, reach `left`.
template <class ShareOf>
Index place_at(double left, Index places, ShareOf share) {
  Index place = 0;
  while (place + 1 < places && (left -= share(place)) > 0) ++place;
  return place;
}

}  // namespace

MixtureFit::MixtureFit(const RowMatrix& rows, ThreadPool& pool, std::uint64_t seed,
                       std::vector<double> weights)
    : rows_(rows),
      pool_(pool),
      seed_(seed),
      weights_(std::move(weights)),
      total_(total_weight(rows, weights_)) {}

GaussianMixture MixtureFit::maximisation(const MixtureSums& sums, double prior_variance) const {
  const Index columns = sums.columns, components = sums.components;
  GaussianMixture mixture;
  mixture.log_weight.resize(components);
  mixture.log_scale.resize(columns * components);
  mixture.slope.resize(columns * components * columns);
  mixture.intercept.resize(columns * components);
  const double kept = components > 1 ? kWideRows * static_cast<double>(columns) : 0;
  const double all = total_ + kept + 1e-3 * static_cast<double>(components);
  for (Index k = 0; k < components; ++k) {
    const double seen = k + 1 == components ? kept : 0;
    const double count = sums.moment(k, 0) + seen;
    mixture.log_weight[k] = std::log((count + 1e-3) / all);
    Eigen::VectorXd mean(columns);
    for (Index i = 0; i < columns; ++i) mean(i) = sums.moment(k, 1 + i) / std::max(count, 1e-12);
    Eigen::MatrixXd covariance(columns, columns);
    Index m = 1 + columns;
    for (Index i = 0; i < columns; ++i) {
      for (Index j = 0; j <= i; ++j) {
        const double scatter = sums.moment(k, m++) - count * mean(i) * mean(j);
        const double prior = i == j ? kPriorRows * prior_variance + seen * kWideVariance : 0;
        covariance(i, j) = covariance(j, i) = (scatter + prior) / (count + kPriorRows);
      }
    }
    // With covariance L L^T and y = L^-1 (x - mean) standard normal, column e given those before it
    // has deviation L_ee and slopes -L_ee (L^-1)_ei.
    const Eigen::LLT<Eigen::MatrixXd> cholesky(covariance);
    const Eigen::MatrixXd factor = cholesky.matrixL();
    const Eigen::MatrixXd inverse =
        cholesky.matrixL().solve(Eigen::MatrixXd::Identity(columns, columns));
    for (Index e = 0; e < columns; ++e) {
      const Index row = e * components + k;
      mixture.log_scale[row] = -std::log(factor(e, e));
      double intercept = mean(e);
      for (Index i = 0; i < e; ++i) {
        const double slope = -factor(e, e) * inverse(e, i);
        mixture.slope[row * columns + i] = slope;
        intercept -= slope * mean(i);
      }
      mixture.intercept[row] = intercept;
    }
  }
  return mixture;
}

// Centres far from each other (Arthur and Vassilvitskii, "k-means++", 2007), round components as
// wide as the rows' mean distance from the nearest.
GaussianMixture MixtureFit::start(Index components, int number) const {
  const Random random(seed_, Purpose::mixture);
  const Index columns = rows_.cols(), n = std::min<Index>(rows_.rows(), 8192);
  const auto stream = static_cast<std::uint32_t>(components + Index{65536} * number);
  const auto place = [&](Index i) { return i * rows_.rows() / n; };
  const auto row = [&](Index i) { return rows_.row(place(i)); };
  const bool weighted = !weights_.empty();
  Eigen::VectorXd weight = Eigen::VectorXd::Ones(n);
  for (Index i = 0; weighted && i < n; ++i) weight(i) = weights_[place(i)];
  Eigen::VectorXd distance = Eigen::VectorXd::Constant(n, std::numeric_limits<double>::infinity());
  RowMatrix centres(components, columns);
  for (Index k = 0; k < components; ++k) {
    Index pick = 0;
    if (k > 0) {
      const double all = weighted ? distance.dot(weight) : distance.sum();
      pick = place_at(random.uniform(components + k, stream) * all, n,
                      [&](Index i) { return weight(i) * distance(i); });
    } else if (weighted) {
      pick =
          place_at(random.uniform(k, stream) * weight.sum(), n, [&](Index i) { return weight(i); });
    } else {
      pick = static_cast<Index>(random.below(n, k, stream));
    }
    centres.row(k) = row(pick);
    for (Index i = 0; i < n; ++i) {
      distance(i) = std::min(distance(i), (row(i) - centres.row(k)).squaredNorm());
    }
  }
  const double spread = weighted ? distance.dot(weight) / weight.sum() : distance.mean();
  const double variance = std::max(spread / static_cast<double>(columns), 1e-4);
  GaussianMixture mixture;
  mixture.log_weight.assign(components, -std::log(static_cast<double>(components)));
  mixture.log_scale.assign(columns * components, -0.5 * std::log(variance));
  mixture.slope.assign(columns * components * columns, 0.0);
  for (Index e = 0; e < columns; ++e) {
    for (Index k = 0; k < components; ++k) mixture.intercept.push_back(centres(k, e));
  }
  return mixture;
}

GaussianMixture MixtureFit::climb(GaussianMixture mixture, int most_iterations,
                                  double prior_variance, double& density) const {
  density = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < most_iterations; ++i) {
    const MixtureSums sums = mixture_sums(mixture, rows_, weights_, pool_, true);
    const double before = std::exchange(density, sums.log_density / total_);
    mixture = maximisation(sums, prior_variance);
    if (pool_.hurried() || (i > 3 && density - before < kSettled)) break;
  }
  return mixture;
}

GaussianMixture MixtureFit::average(Index components, int most_iterations, double prior_variance,
                                    Index fits) const {
  const Index columns = rows_.cols();
  GaussianMixture all;
  all.log_scale.resize(columns * components);
  all.intercept.resize(columns * components);
  all.slope.resize(columns * components * columns);
  Index done = 0;
  for (Index f = 0; f < fits; ++f) {
    const Index own = (components - done) / (fits - f);
    double density = 0;
    const GaussianMixture part =
        climb(start(own, static_cast<int>(f)), most_iterations, prior_variance, density);
    for (const double log_weight : part.log_weight) {
      all.log_weight.push_back(log_weight - std::log(static_cast<double>(fits)));
    }
    for (Index e = 0; e < columns; ++e) {
      const Index from = e * own, to = e * components + done;
      std::copy_n(part.log_scale.begin() + from, own, all.log_scale.begin() + to);
      std::copy_n(part.intercept.begin() + from, own, all.intercept.begin() + to);
      std::copy_n(part.slope.begin() + from * columns, own * columns,
                  all.slope.begin() + to * columns);
    }
    done += own;
  }
  return all;
}

GaussianMixture MixtureFit::fit(Index components, int most_iterations, double prior_variance,
                                Index fits) const {
  if (fits > 1) {
    return average(components, most_iterations, prior_variance, std::min(fits, components));
  }
  const int starts = rows_.rows() < kFewMixtureRows ? kStarts : 1;
  GaussianMixture best;
  double best_density = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < starts; ++i) {
    const int iterations = starts == 1 ? most_iterations : kStartIterations;
    double density = 0;
    GaussianMixture mixture = climb(start(components, i), iterations, prior_variance, density);
    if (i > 0 && !(density > best_density)) continue;
    best_density = density;
    best = std::move(mixture);
    if (pool_.hurried()) break;
  }
  return starts == 1 ? best : climb(std::move(best), most_iterations, prior_variance, best_density);
}

double MixtureFit::mean_log_density(const GaussianMixture& mixture, const RowMatrix& rows,
                                    const std::vector<double>& weights) const {
  return mixture_sums(mixture, rows, weights, pool_, false).log_density /
         total_weight(rows, weights);
}

}  // namespace nflow
