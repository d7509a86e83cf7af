#include "train/mixture_choice.h"

#include <algorithm>
#include <limits>

namespace nflow {
namespace {

constexpr Index kFolds = 5;

/// Rows that all trials together are made with, at most.
constexpr Index kMostRows = 50000;

constexpr int kIterations = 60;

/// For each column by itself.
constexpr Index kMostMarginalComponents = 16;

/// So many numbers of components without a better one end the search.
constexpr int kPatience = 3;

/// Narrow ones suit columns with spikes and sharp edges, wide ones few rows.
constexpr double kPriorVariances[] = {1e-2, 1e-3, 1e-4};

/// Rows of a typical component's variance that draw each component to it, for each column, where a
/// component has few rows for each.
constexpr double kAlikeRows[] = {1, 4};
constexpr Index kFewRowsOfComponent = 100;

template <class Keep>
void pick(const RowMatrix& rows, const std::vector<double>& weights, Keep keep, RowMatrix& to,
          std::vector<double>& to_weights) {
  std::vector<Index> lines;
  const Index n = std::min(rows.rows(), kMostRows);
  for (Index i = 0; i < n; ++i) {
    if (keep(i)) lines.push_back(i * rows.rows() / n);
  }
  to.resize(static_cast<Index>(lines.size()), rows.cols());
  for (Index i = 0; i < to.rows(); ++i) {
    to.row(i) = rows.row(lines[i]);
    if (!weights.empty()) to_weights.push_back(weights[lines[i]]);
  }
}

/// 1, 2, 3, 4, 6, 8, 12, ...
Index next(Index k) { return k % 3 == 0 ? k / 3 * 4 : k < 3 ? k + 1 : k / 2 * 3; }

}  // namespace

MixtureChoice::MixtureChoice(const RowMatrix& rows, const std::vector<double>& weights,
                             ThreadPool& pool, std::uint64_t seed, Index fits, Index given)
    : pool_(pool), seed_(seed), fits_(fits), given_(given), columns_(rows.cols()) {
  if (rows.rows() < 2 * kFolds) return;
  const Index folds = rows.rows() < kFewMixtureRows ? kFolds : 1;
  for (Index f = 0; f < folds; ++f) {
    Fold fold;
    pick(
        rows, weights, [&](Index i) { return i % kFolds != f; }, fold.fit, fold.fit_weights);
    pick(
        rows, weights, [&](Index i) { return i % kFolds == f; }, fold.held_out,
        fold.held_out_weights);
    folds_.push_back(std::move(fold));
  }
}

double MixtureChoice::score(Index components, const MixturePrior& prior) const {
  double sum = folds_.empty() ? -std::numeric_limits<double>::infinity() : 0;
  for (const Fold& fold : folds_) {
    const MixtureFit mixture(fold.fit, pool_, seed_, fold.fit_weights);
    sum += mixture.mean_log_density(
        mixture.fit(components, kIterations, prior, std::min(fits_, components), given_),
        fold.held_out, fold.held_out_weights, given_);
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, folds_.size()));
}

Index MixtureChoice::components(Index most, std::vector<double>* found) const {
  if (folds_.empty()) return 1;
  std::vector<double> own;
  if (!found) found = &own;
  most = std::min(most / fits_, folds_.front().fit.rows() / 2);
  Index best = 1;
  double best_score = -std::numeric_limits<double>::infinity();
  int worse = 0;
  std::size_t tried = 0;
  for (Index k = 1; k <= most && worse < kPatience; k = next(k)) {
    const Index components = k == 1 ? 1 : fits_ * k;
    if (tried == found->size()) {
      if (tried > 0 && pool_.hurried()) break;
      const double now = score(components, {});
      if (tried > 0 && pool_.hurried()) break;  // before that fit was as good as it gets
      found->push_back(now);
    }
    const double now = (*found)[tried++];
    worse = now > best_score ? 0 : worse + 1;
    if (worse > 0) continue;
    best_score = now;
    best = components;
  }
  return best;
}

MixturePrior MixtureChoice::prior(Index components) const {
  MixturePrior best;
  if (components == 1 || folds_.empty()) return best;
  const Index rows = folds_.front().fit.rows();
  if (components > fits_ * rows / 2) return best;
  double best_score = -std::numeric_limits<double>::infinity();
  const auto look_at = [&](const MixturePrior& prior) {
    if (pool_.hurried()) return;
    const double now = score(components, prior);
    if (pool_.hurried() || now <= best_score) return;
    best_score = now;
    best = prior;
  };
  for (const double variance : kPriorVariances) look_at({2, variance, true});
  look_at({best.rows, best.variance, false});
  const auto columns = static_cast<double>(columns_);
  if (fits_ * rows > kFewRowsOfComponent * columns_ * components) return best;
  for (const double alike : kAlikeRows) look_at({alike * columns, 1, best.wide});
  return best;
}

double marginal_score(const RowMatrix& rows, const std::vector<double>& weights, ThreadPool& pool,
                      std::uint64_t seed) {
  double sum = 0;
  for (Index j = 0; j < rows.cols(); ++j) {
    const RowMatrix column = rows.col(j);
    const MixtureChoice choice(column, weights, pool, seed);
    sum += choice.score(choice.components(kMostMarginalComponents));
  }
  return sum;
}

}  // namespace nflow
