#pragma once

#include <vector>

#include "train/mixture_fit.h"

namespace nflow {

/// Log densities of rows held out of a fit, with the rows' weights, one a row or none.
struct HeldOut {
  std::vector<double> log_density, weights;
  std::vector<Index> lines;               ///< of the rows among all
  std::vector<GaussianMixture> mixtures;  ///< of each fit

  /// Minus infinity where there are none.
  double mean() const;
};

/// Is `a` ahead of `b` at the same rows by more than so many standard errors? Not where there are
/// no rows.
bool is_ahead(const HeldOut& a, const HeldOut& b, double errors);

/// What a Gaussian mixture cannot learn from the rows it is fitted to: how many components it
/// should have, and its prior: how narrow components may get, how much alike, and which answers for
/// rows far out. All are chosen by rows held out of the fit: each fifth of a small table in turn,
/// one fifth of a large one.
class MixtureChoice {
 public:
  /// Mixtures are averages of `fits`; see MixtureFit::fit(). What counts is the density of the
  /// columns given the first `given` ones.
  MixtureChoice(const MixtureRows& data, ThreadPool& pool, std::uint64_t seed, Index fits = 1,
                Index given = 0);

  /// Among 1, and `fits` times 2, 3, ..., 6, 8, 12, 16, ..., up to `most`; one in each fit is its
  /// tail. `found` are scores, as Interruption has them.
  /// The search does not end before `surely` in each fit.
  Index components(Index most, std::vector<double>* found = nullptr, Index surely = 1) const;
  MixturePrior prior(Index components) const;
  /// Has no rows where these are too few to hold any out.
  /// Single fits go on from those of `from`, where there is one of as many components.
  HeldOut held_out(Index components, const MixturePrior& prior = {},
                   const HeldOut* from = nullptr) const;

 private:
  bool is_ahead_of_normal(Index components) const;

  struct Fold {
    RowMatrix fit, held_out;
    std::vector<double> fit_weights, held_out_weights;
    std::vector<Index> held_out_lines;
  };

  std::vector<Fold> folds_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  Index fits_, given_, columns_;
  Eigen::VectorXd least_far_;
};

/// MixtureChoice::held_out() of a mixture for each column by itself, of as many components as it
/// asks for.
HeldOut marginal_held_out(const MixtureRows& data, ThreadPool& pool, std::uint64_t seed);

}  // namespace nflow
