#pragma once

#include <vector>

#include "train/mixture_fit.h"

namespace nflow {

/// What a Gaussian mixture cannot learn from the rows it is fitted to: how many components it
/// should have, and how narrow they may get. Both are chosen by rows held out of the fit: each
/// fifth of a small table in turn, one fifth of a large one.
class MixtureChoice {
 public:
  /// `rows` is N x E, standardised; weights are one a row or none.
  /// Mixtures are averages of `fits`; see MixtureFit::fit().
  MixtureChoice(const RowMatrix& rows, const std::vector<double>& weights, ThreadPool& pool,
                std::uint64_t seed, Index fits = 1);

  /// Among 1, and `fits` times 1, 2, 3, 4, 6, 8, 12, ..., up to `most`.
  /// `found` are scores, as Interruption has them.
  Index components(Index most, std::vector<double>* found = nullptr) const;
  /// Of the prior on the covariances; see MixtureFit::fit().
  double prior_variance(Index components) const;

 private:
  struct Fold {
    RowMatrix fit, held_out;
    std::vector<double> fit_weights, held_out_weights;
  };

  /// Mean log density of the rows held out.
  double score(Index components, double prior_variance) const;

  std::vector<Fold> folds_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  Index fits_;
};

}  // namespace nflow
