#pragma once

#include <vector>

#include "train/mixture_fit.h"

namespace nflow {

/// What a Gaussian mixture cannot learn from the rows it is fitted to: how many components it
/// should have, and its prior: how narrow components may get, how much alike, and whether one is
/// wide. All are chosen by rows held out of the fit: each fifth of a small table in turn, one fifth
/// of a large one.
class MixtureChoice {
 public:
  /// `rows` is N x E, standardised; weights are one a row or none.
  /// Mixtures are averages of `fits`; see MixtureFit::fit(). What counts is the density of the
  /// columns given the first `given` ones.
  MixtureChoice(const RowMatrix& rows, const std::vector<double>& weights, ThreadPool& pool,
                std::uint64_t seed, Index fits = 1, Index given = 0);

  /// Among 1, and `fits` times 1, 2, 3, 4, 6, 8, 12, ..., up to `most`.
  /// `found` are scores, as Interruption has them.
  Index components(Index most, std::vector<double>* found = nullptr) const;
  MixturePrior prior(Index components) const;
  /// Mean log density of the rows held out; minus infinity where rows are too few to hold any out.
  double score(Index components, const MixturePrior& prior = {}) const;

 private:
  struct Fold {
    RowMatrix fit, held_out;
    std::vector<double> fit_weights, held_out_weights;
  };

  std::vector<Fold> folds_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  Index fits_, given_, columns_;
};

/// MixtureChoice::score() of a mixture for each column by itself, of as many components as it asks
/// for.
double marginal_score(const RowMatrix& rows, const std::vector<double>& weights, ThreadPool& pool,
                      std::uint64_t seed);

}  // namespace nflow
