#include "train/mixture_fit.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "math/pick.h"
#include "math/random.h"
#include "stats/weights.h"
#include "train/mixture_sums.h"

namespace nflow {
namespace {

// Far rows, for a component that shares them with its own, for each column, and for one of its own.
constexpr double kSharedFarRows = 1;

// They lie around 0, where rows are standardised, and are of deviation kFarDeviation, or of
// kFurther times the furthest number of a column that has one beyond kFarOut: the next of a long
// tail may well be as much further.
constexpr double kFarDeviation = 2, kFurther = 3, kFarOut = 10;

/// Rows are standardised, and models hold their coordinates in single precision.
constexpr double kLeastVariance = 1e-14;

/// For few rows the best of several starts goes on.
constexpr int kStarts = 6, kStartIterations = 20;

/// EM has settled when the mean log density grows by less than this in an iteration.
constexpr double kSettled = 2e-5;

// With covariance L L^T and y = L^-1 (x - mean) standard normal, column e given those before it has
// deviation L_ee and slopes -L_ee (L^-1)_ei.
void set_component(const Normal& normal, Index k, GaussianMixture& mixture) {
  const Index columns = normal.mean.size();
  const auto components = static_cast<Index>(mixture.log_weight.size());
  const bool diagonal = normal.kind == Gaussian::Kind::diagonal;
  Eigen::MatrixXd inverse;
  if (!diagonal) {
    inverse = normal.factor.triangularView<Eigen::Lower>().solve(
        Eigen::MatrixXd::Identity(columns, columns));
  }
  for (Index e = 0; e < columns; ++e) {
    const Index row = e * components + k;
    const double deviation = normal.factor(e, e);
    mixture.log_scale[row] = -std::log(deviation);
    double intercept = normal.mean(e);
    for (Index i = 0; i < e && !diagonal; ++i) {
      const double slope = -deviation * inverse(e, i);
      mixture.slope[row * columns + i] = slope;
      intercept -= slope * normal.mean(i);
    }
    mixture.intercept[row] = intercept;
  }
}

GaussianMixture empty_mixture(Index columns, Index components) {
  GaussianMixture mixture;
  mixture.log_weight.resize(components);
  mixture.log_scale.resize(columns * components);
  mixture.slope.resize(columns * components * columns);
  mixture.intercept.resize(columns * components);
  return mixture;
}

/// What a component has seen of the rows.
struct Seen {
  double count;
  Eigen::VectorXd mean;
  Eigen::MatrixXd scatter;  // about the mean
};

Seen seen_by(const MixtureSums& sums, Index k, double more, const Eigen::VectorXd& variance) {
  const Index columns = sums.columns;
  Seen seen{sums.moment(k, 0) + more, Eigen::VectorXd(columns), Eigen::MatrixXd(columns, columns)};
  for (Index i = 0; i < columns; ++i) {
    seen.mean(i) = sums.moment(k, 1 + i) / std::max(seen.count, 1e-12);
  }
  Index m = 1 + columns;
  for (Index i = 0; i < columns; ++i) {
    for (Index j = 0; j <= i; ++j) {
      seen.scatter(i, j) = seen.scatter(j, i) =
          sums.moment(k, m++) - seen.count * seen.mean(i) * seen.mean(j);
    }
    seen.scatter(i, i) += more * variance(i);
  }
  return seen;
}

/// The components' geometric mean of variances, column by column: a few that cover rows far out do
/// not count for more than their rows.
Eigen::VectorXd typical_variance(const std::vector<Seen>& all) {
  Eigen::VectorXd log_variance = Eigen::VectorXd::Zero(all.front().mean.size());
  double total = 0;
  for (const Seen& seen : all) {
    const Eigen::ArrayXd variance = seen.scatter.diagonal().array() / std::max(seen.count, 1e-12);
    log_variance += seen.count * variance.max(kLeastVariance).log().matrix();
    total += seen.count;
  }
  return (log_variance / total).array().exp();
}

Normal most_likely(const Seen& seen, const MixturePrior& prior, const Eigen::VectorXd& typical) {
  const Index columns = seen.mean.size();
  Eigen::MatrixXd covariance = seen.scatter;
  covariance.diagonal() += prior.rows * prior.variance * typical;
  covariance /= seen.count + prior.rows;
  covariance.diagonal().array() += kLeastVariance;
  const Eigen::LLT<Eigen::MatrixXd> cholesky(covariance);
  Normal normal{Gaussian::Kind::full, seen.mean, {}};
  if (cholesky.info() == Eigen::Success) {
    normal.factor = cholesky.matrixL();
  } else {  // rounding alone may do it
    normal.factor = Eigen::MatrixXd::Zero(columns, columns);
    normal.factor.diagonal() = covariance.diagonal().cwiseMax(kLeastVariance).cwiseSqrt();
  }
  return normal;
}

}  // namespace

Eigen::VectorXd far_variance(const RowMatrix& rows, const Eigen::VectorXd& least_far) {
  const Eigen::ArrayXd furthest = rows.cwiseAbs().colwise().maxCoeff();
  Eigen::ArrayXd deviation = (furthest > kFarOut).select(kFurther * furthest, kFarDeviation);
  if (least_far.size() > 0) deviation = deviation.max(least_far.array());
  return deviation.square();
}

MixtureFit::MixtureFit(const RowMatrix& rows, ThreadPool& pool, std::uint64_t seed,
                       std::vector<double> weights, const Eigen::VectorXd& least_far)
    : rows_(rows),
      pool_(pool),
      seed_(seed),
      weights_(std::move(weights)),
      total_(total_weight(weights_, rows.rows())),
      far_variance_(far_variance(rows, least_far)) {}

GaussianMixture mixture_of(const Normal& normal) {
  GaussianMixture mixture = empty_mixture(normal.mean.size(), 1);
  set_component(normal, 0, mixture);
  return mixture;
}

GaussianMixture MixtureFit::maximisation(const MixtureSums& sums, const MixturePrior& prior) const {
  const Index columns = sums.columns, components = sums.components;
  const Tail tail = components > 1 ? prior.tail : Tail::none;
  const Index fitted = components - (tail == Tail::own ? 1 : 0);
  const double kept = tail == Tail::shared ? kSharedFarRows * static_cast<double>(columns) : 0;
  std::vector<Seen> seen;
  double all = 0;
  for (Index k = 0; k < fitted; ++k) {
    seen.push_back(seen_by(sums, k, k + 1 == components ? kept : 0, far_variance_));
    all += seen.back().count + 1e-3;
  }
  const Eigen::VectorXd typical = typical_variance(seen);
  GaussianMixture mixture = empty_mixture(columns, components);
  for (Index k = 0; k < fitted; ++k) {
    mixture.log_weight[k] = std::log((seen[k].count + 1e-3) / all);
    set_component(most_likely(seen[k], prior, typical), k, mixture);
  }
  if (tail == Tail::own) set_tail(mixture);
  return mixture;
}

/// Makes the last component the far rows alone; the others' weights are those of the rows seen.
void MixtureFit::set_tail(GaussianMixture& mixture) const {
  const auto last = static_cast<Index>(mixture.log_weight.size()) - 1;
  const double all = std::log(total_ + kOwnFarRows);
  for (double& log_weight : mixture.log_weight) log_weight += std::log(total_) - all;
  mixture.log_weight[last] = std::log(kOwnFarRows) - all;
  Normal far{Gaussian::Kind::diagonal, Eigen::VectorXd::Zero(far_variance_.size()), {}};
  far.factor = far_variance_.cwiseSqrt().asDiagonal();
  set_component(far, last, mixture);
}

// Centres far from each other, each the best of some (Arthur and Vassilvitskii, "k-means++", 2007,
// section 7), so that hardly a cluster is left without one; round components as wide as the rows'
// mean distance from the nearest. Distances are those of asinh x, so that rows far out do not draw
// all centres to them.
GaussianMixture MixtureFit::start(Index components, Tail tail, int number) const {
  const Index centres = components - (tail == Tail::own && components > 1 ? 1 : 0);
  const Random random(seed_, Purpose::mixture);
  const Index columns = rows_.cols(), n = std::min<Index>(rows_.rows(), 8192);
  const auto stream = static_cast<std::uint32_t>(components + Index{65536} * number);
  const int tries = 2 + static_cast<int>(std::log(static_cast<double>(components)));
  Eigen::ArrayXd weight = Eigen::ArrayXd::Ones(n);
  RowMatrix near(n, columns);
  for (Index i = 0; i < n; ++i) {
    const Index place = i * rows_.rows() / n;
    if (!weights_.empty()) weight(i) = weights_[place];
    for (Index j = 0; j < columns; ++j) near(i, j) = std::asinh(rows_(place, j));
  }
  Eigen::ArrayXd distance = Eigen::ArrayXd::Ones(n);  // squared, from the nearest centre
  GaussianMixture mixture = empty_mixture(columns, components);
  for (Index k = 0; k < centres; ++k) {
    const Eigen::ArrayXd share = weight * distance;
    const double all = share.sum();
    Eigen::ArrayXd best;
    for (int t = 0; t < (k == 0 ? 1 : tries); ++t) {
      const double goal = random.uniform(k * tries + t, stream) * all;
      const Index centre = pick(goal, n, [&](Index i) { return share(i); });
      Eigen::ArrayXd left = (near.rowwise() - near.row(centre)).rowwise().squaredNorm();
      if (k > 0) left = left.min(distance);
      if (best.size() > 0 && (left * weight).sum() >= (best * weight).sum()) continue;
      best = std::move(left);
      for (Index e = 0; e < columns; ++e) {
        mixture.intercept[e * components + k] = rows_(centre * rows_.rows() / n, e);
      }
    }
    distance = std::move(best);
  }
  const double spread = (distance * weight).sum() / weight.sum();
  const double variance = std::max(spread / static_cast<double>(columns), kLeastVariance);
  std::fill(mixture.log_weight.begin(), mixture.log_weight.end(),
            -std::log(static_cast<double>(centres)));
  std::fill(mixture.log_scale.begin(), mixture.log_scale.end(), -0.5 * std::log(variance));
  if (centres < components) set_tail(mixture);
  return mixture;
}

GaussianMixture MixtureFit::climb(GaussianMixture mixture, int most_iterations,
                                  const MixturePrior& prior, double& density) const {
  density = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < most_iterations; ++i) {
    const MixtureSums sums = mixture_sums(mixture, rows_, weights_, pool_);
    const double before = std::exchange(density, sums.log_density / total_);
    mixture = maximisation(sums, prior);
    if (pool_.hurried() || (i > 3 && density - before < kSettled)) break;
  }
  return mixture;
}

GaussianMixture MixtureFit::average(Index components, int most_iterations,
                                    const MixturePrior& prior, Index fits) const {
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
        climb(start(own, prior.tail, static_cast<int>(f)), most_iterations, prior, density);
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

GaussianMixture MixtureFit::fit(Index components, int most_iterations, const MixturePrior& prior,
                                Index fits, Index given) const {
  if (components == 1) {
    const auto hurried = [this] { return pool_.hurried(); };
    return mixture_of(choose_normal({rows_, weights_}, given, hurried).normal);
  }
  if (fits > 1) {
    return average(components, most_iterations, prior, std::min(fits, components));
  }
  const int starts = rows_.rows() < kFewMixtureRows ? kStarts : 1;
  GaussianMixture best;
  double best_density = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < starts; ++i) {
    const int iterations = starts == 1 ? most_iterations : kStartIterations;
    double density = 0;
    GaussianMixture mixture = climb(start(components, prior.tail, i), iterations, prior, density);
    if (i > 0 && !(density > best_density)) continue;
    best_density = density;
    best = std::move(mixture);
    if (pool_.hurried()) break;
  }
  return starts == 1 ? best : climb(std::move(best), most_iterations, prior, best_density);
}

GaussianMixture MixtureFit::go_on(GaussianMixture mixture, int most_iterations,
                                  const MixturePrior& prior) const {
  double density = 0;
  return climb(std::move(mixture), most_iterations, prior, density);
}

std::vector<double> MixtureFit::log_densities(const GaussianMixture& mixture, const RowMatrix& rows,
                                              Index given) const {
  std::vector<double> all = mixture_log_densities(mixture, rows, pool_, rows.cols());
  const std::vector<double> known = mixture_log_densities(mixture, rows, pool_, given);
  std::transform(all.begin(), all.end(), known.begin(), all.begin(), std::minus<>());
  return all;
}

double MixtureFit::mean_log_density(const GaussianMixture& mixture, const RowMatrix& rows,
                                    const std::vector<double>& weights, Index given) const {
  return weighted_mean(log_densities(mixture, rows, given), weights);
}

}  // namespace nflow
