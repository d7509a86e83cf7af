#pragma once

#include <vector>

#include "nflow/mean_estimate.h"
#include "train/mixture_fit.h"

namespace nflow {

/// Log densities of rows held out of a fit, with the rows' weights, one a row or none.
struct HeldOut {
  std::vector<double> log_density, weights;
  std::vector<GaussianMixture> mixtures;  ///< of each fit

  /// Minus infinity where there are none.
  double mean() const;
};

/// The mean by which `a` is above `b` at the same rows.
MeanEstimate ahead(const HeldOut& a, const HeldOut& b);

/// What a Gaussian mixture cannot learn from the rows it is fitted to: how many components it
/// should have, and its prior: how narrow components may get, how much alike, and which answers for
/// rows far out. All are chosen by rows held out of the fit: each fifth of a small table in turn,
/// one fifth of a large one.
class MixtureChoice {
 public:
  /// `rows` is N x E, standardised; weights are one a row or none.
  /// Mixtures are averages of `fits`; see MixtureFit::fit(). What counts is the density of the
  /// columns given the first `given` ones. `least_far` is as MixtureFit has it.
  MixtureChoice(const RowMatrix& rows, const std::vector<double>& weights, ThreadPool& pool,
                std::uint64_t seed, Index fits = 1, Index given = 0,
                Eigen::VectorXd least_far = {});

  /// Among 1, and `fits` times 2, 3, ..., 6, 8, 12, 16, ..., up to `most`; one in each fit is its
  /// tail. `found` are scores, as Interruption has them.
  /// The search does not end before `surely` in each fit.
  Index components(Index most, std::vector<double>* found = nullptr, Index surely = 1) const;
  MixturePrior prior(Index components) const;
  /// None where rows are too few to hold any out.
  /// Single fits go on from those of `from`, where there is one of as many components.
  HeldOut held_out(Index components, const MixturePrior& prior = {},
                   const HeldOut* from = nullptr) const;

 private:
  bool is_ahead_of_normal(Index components) const;

  struct Fold {
    RowMatrix fit, held_out;
    std::vector<double> fit_weights, held_out_weights;
  };

  std::vector<Fold> folds_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  Index fits_, given_, columns_;
  Eigen::VectorXd least_far_;
};

/// MixtureChoice::held_out() of a mixture for each column by itself, of as many components as it
/// asks for.
HeldOut marginal_held_out(const RowMatrix& rows, const std::vector<double>& weights,
                          ThreadPool& pool, std::uint64_t seed, const Eigen::VectorXd& least_far);

}  // namespace nflow
