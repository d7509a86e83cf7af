#include "train/mixture_choice.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "nflow/mean_estimate.h"
#include "stats/weights.h"

namespace nflow {
namespace {

constexpr Index kFolds = 5;

/// From so many rows on one part held out tells enough; with fewer, each part is in turn.
constexpr Index kFewRows = 3000;

/// Rows that all trials together are made with, at most.
constexpr Index kMostRows = 50000;

constexpr int kIterations = 60;

/// For each column by itself.
constexpr Index kMostMarginalComponents = 16;

/// So many numbers of components without a better one end the search.
constexpr int kPatience = 3;

/// Narrow ones suit columns with spikes and sharp edges, wide ones few rows.
constexpr double kPriorVariances[] = {1e-2, 1e-4};

/// A tail of its own costs next to nothing, and its worth shows at rows that few tables hold out:
/// others must be ahead of it by so many standard errors.
constexpr double kAheadOfOwnTail = 1;

/// Standard errors by which a mixture must be ahead of a normal density, where rows are few.
constexpr double kAheadOfNormal = 1;

/// Rows of a typical component's variance that draw each component to it, for each column, where a
/// component has few rows for each.
constexpr double kAlikeRows[] = {1, 4, 16};
constexpr Index kFewRowsOfComponent = 100;

/// Gives the lines of what it picked.
template <class Keep>
std::vector<Index> pick(const MixtureRows& from, Keep keep, RowMatrix& to,
                        std::vector<double>& to_weights) {
  std::vector<Index> lines;
  const Index all = from.rows.rows(), n = std::min(all, kMostRows);
  for (Index i = 0; i < n; ++i) {
    if (keep(i)) lines.push_back(i * all / n);
  }
  to.resize(static_cast<Index>(lines.size()), from.rows.cols());
  for (Index i = 0; i < to.rows(); ++i) {
    to.row(i) = from.rows.row(lines[i]);
    if (!from.weights.empty()) to_weights.push_back(from.weights[lines[i]]);
  }
  return lines;
}

/// 1, 2, ..., 6, 8, 12, 16, 24, ...
Index next(Index k) { return k < 6 ? k + 1 : k % 3 == 0 ? k / 3 * 4 : k / 2 * 3; }

}  // namespace

double HeldOut::mean() const {
  return log_density.empty() ? -std::numeric_limits<double>::infinity()
                             : weighted_mean(log_density, weights);
}

bool is_ahead(const HeldOut& a, const HeldOut& b, double errors) {
  return !a.log_density.empty() && is_ahead(a.log_density, b.log_density, a.weights, errors);
}

MixtureChoice::MixtureChoice(const MixtureRows& data, ThreadPool& pool, std::uint64_t seed,
                             Index fits, Index given)
    : pool_(pool),
      seed_(seed),
      fits_(fits),
      given_(given),
      columns_(data.rows.cols()),
      least_far_(data.least_far) {
  if (data.rows.rows() < 2 * kFolds) return;
  const Index folds = data.rows.rows() < kFewRows ? kFolds : 1;
  for (Index f = 0; f < folds; ++f) {
    Fold fold;
    pick(
        data, [&](Index i) { return i % kFolds != f; }, fold.fit, fold.fit_weights);
    fold.held_out_lines = pick(
        data, [&](Index i) { return i % kFolds == f; }, fold.held_out, fold.held_out_weights);
    folds_.push_back(std::move(fold));
  }
}

HeldOut MixtureChoice::held_out(Index components, const MixturePrior& prior,
                                const HeldOut* from) const {
  HeldOut all;
  for (const Fold& fold : folds_) {
    const MixtureFit mixture(fold.fit, pool_, seed_, fold.fit_weights, least_far_);
    const std::size_t f = all.mixtures.size();
    all.mixtures.push_back(from && fits_ == 1 ? mixture.go_on(from->mixtures[f], kIterations, prior)
                                              : mixture.fit(components, kIterations, prior,
                                                            std::min(fits_, components), given_));
    const std::vector<double> part =
        mixture.log_densities(all.mixtures.back(), fold.held_out, given_);
    all.log_density.insert(all.log_density.end(), part.begin(), part.end());
    all.weights.insert(all.weights.end(), fold.held_out_weights.begin(),
                       fold.held_out_weights.end());
    all.lines.insert(all.lines.end(), fold.held_out_lines.begin(), fold.held_out_lines.end());
  }
  return all;
}

Index MixtureChoice::components(Index most, std::vector<double>* found, Index surely) const {
  if (folds_.empty()) return 1;
  std::vector<double> own;
  if (!found) found = &own;
  most = std::min(most / fits_, folds_.front().fit.rows() / 2);
  Index best = 1;
  double best_score = -std::numeric_limits<double>::infinity();
  int worse = 0;
  std::size_t tried = 0;
  for (Index k = 1; k <= most && (worse < kPatience || k <= surely); k = next(k)) {
    const Index components = k == 1 ? 1 : fits_ * k;
    if (tried == found->size()) {
      if (tried > 0 && pool_.hurried()) break;
      const double now = held_out(components).mean();
      if (tried > 0 && pool_.hurried()) break;  // before that fit was as good as it gets
      found->push_back(now);
    }
    const double now = (*found)[tried++];
    worse = now > best_score ? 0 : worse + 1;
    if (worse > 0) continue;
    best_score = now;
    best = components;
  }
  return best > 1 && folds_.size() > 1 && !pool_.hurried() && !is_ahead_of_normal(best) ? 1 : best;
}

/// Is a mixture, which few rows tell by chance, surely better than the normal density?
bool MixtureChoice::is_ahead_of_normal(Index components) const {
  return is_ahead(held_out(components), held_out(1), kAheadOfNormal);
}

MixturePrior MixtureChoice::prior(Index components) const {
  MixturePrior best;
  if (components == 1 || folds_.empty()) return best;
  const Index rows = folds_.front().fit.rows();
  if (components > fits_ * rows / 2) return best;
  HeldOut best_held_out = held_out(components, best);
  if (pool_.hurried()) return {best.rows, best.variance, Tail::none};
  const auto look_at = [&](const MixturePrior& prior, double errors_ahead) {
    if (pool_.hurried()) return;
    const HeldOut* from = prior.tail == best.tail ? &best_held_out : nullptr;
    HeldOut now = held_out(components, prior, from);
    if (pool_.hurried()) return;
    if (!is_ahead(now, best_held_out, errors_ahead)) return;
    best_held_out = std::move(now);
    best = prior;
  };
  for (const Tail tail : {Tail::shared, Tail::none}) {
    look_at({best.rows, best.variance, tail}, best.tail == Tail::own ? kAheadOfOwnTail : 0);
  }
  for (const double variance : kPriorVariances) look_at({best.rows, variance, best.tail}, 0);
  const auto columns = static_cast<double>(columns_);
  if (fits_ * rows > kFewRowsOfComponent * columns_ * components) return best;
  for (const double alike : kAlikeRows) look_at({alike * columns, 1, best.tail}, 0);
  return best;
}

HeldOut marginal_held_out(const MixtureRows& data, ThreadPool& pool, std::uint64_t seed) {
  HeldOut all;
  for (Index j = 0; j < data.rows.cols(); ++j) {
    const MixtureChoice choice(data.column(j), pool, seed);
    HeldOut one = choice.held_out(choice.components(kMostMarginalComponents));
    if (j == 0) {
      all = std::move(one);
      continue;
    }
    std::transform(all.log_density.begin(), all.log_density.end(), one.log_density.begin(),
                   all.log_density.begin(), std::plus<>());
  }
  return all;
}

}  // namespace nflow
