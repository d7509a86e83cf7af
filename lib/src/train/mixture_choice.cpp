#include "train/mixture_choice.h"

#include <algorithm>
#include <limits>

namespace nflow {
namespace {

constexpr Index kFolds = 5;

/// Rows that all trials together are made with, at most.
constexpr Index kMostRows = 50000;

constexpr int kIterations = 60;

/// So many numbers of components without a better one end the search.
constexpr int kPatience = 3;

/// Narrow ones suit columns with spikes and sharp edges, wide ones few rows.
constexpr double kPriorVariances[] = {1e-2, 1e-3, 1e-4};

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
                             ThreadPool& pool, std::uint64_t seed, Index fits)
    : pool_(pool), seed_(seed), fits_(fits) {
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

double MixtureChoice::score(Index components, double prior_variance) const {
  double sum = 0;
  for (const Fold& fold : folds_) {
    const MixtureFit mixture(fold.fit, pool_, seed_, fold.fit_weights);
    sum += mixture.mean_log_density(mixture.fit(components, kIterations, prior_variance, fits_),
                                    fold.held_out, fold.held_out_weights);
  }
  return sum;
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
      const double now = score(components, kPriorVariance);
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

double MixtureChoice::prior_variance(Index components) const {
  double best = kPriorVariance, best_score = -std::numeric_limits<double>::infinity();
  for (const double variance : kPriorVariances) {
    if (folds_.empty() || components > fits_ * folds_.front().fit.rows() / 2) break;
    if (pool_.hurried()) break;
    const double now = score(components, variance);
    if (pool_.hurried()) break;
    if (now <= best_score) continue;
    best_score = now;
    best = variance;
  }
  return best;
}

}  // namespace nflow
