#pragma once

#include <cstdint>
#include <vector>

#include "nflow/table.h"
#include "thread_pool.h"

namespace nflow {

struct MixtureSums;

/// A Gaussian mixture over E columns, column by column as the `mixture` link has it: in component
/// k, x_e given x_<e is normal with mean intercept + slope . x_<e and deviation exp(-log_scale).
struct GaussianMixture {
  std::vector<double> log_weight;  ///< K, normalised
  std::vector<double> log_scale;   ///< E x K, row-major
  std::vector<double> slope;       ///< (E K) x E, row-major: row e K + k
  std::vector<double> intercept;   ///< E K
};

/// Of the prior on covariances, where nothing else is said.
inline constexpr double kPriorVariance = 1e-3;

/// Tables with fewer rows have many local optima and cost little: fits begin at several starts, and
/// choices are made by each part of the rows in turn.
inline constexpr Index kFewMixtureRows = 5000;

/// Fits Gaussian mixtures to standardised rows by expectation-maximisation (Dempster, Laird and
/// Rubin 1977), with a weak prior on the covariances that keeps components from collapsing.
/// The same rows and seed give the same bits on any number of threads.
class MixtureFit {
 public:
  /// `rows` is N x E and must outlive the fit. A row of weight w counts as w rows; without weights
  /// each counts as one.
  MixtureFit(const RowMatrix& rows, ThreadPool& pool, std::uint64_t seed,
             std::vector<double> weights = {});

  /// The prior: as if each component had seen two rows of this variance in each direction.
  /// With several `fits` the result is the average density of so many mixtures from different
  /// starts, which share the components: their mean log density can only gain (Jensen), most where
  /// rows are few and the fits differ (Smyth and Wolpert, "Linearly combining density estimators",
  /// 1999).
  GaussianMixture fit(Index components, int most_iterations, double prior_variance = kPriorVariance,
                      Index fits = 1) const;
  /// Mean log density over any rows of E columns, weighted where there are weights.
  double mean_log_density(const GaussianMixture& mixture, const RowMatrix& rows,
                          const std::vector<double>& weights = {}) const;

 private:
  GaussianMixture average(Index components, int most_iterations, double prior_variance,
                          Index fits) const;
  /// The start of this number, 0, 1, ...
  GaussianMixture start(Index components, int number) const;
  /// EM from a start until it settles, and the mean log density that it reached.
  GaussianMixture climb(GaussianMixture mixture, int most_iterations, double prior_variance,
                        double& density) const;
  GaussianMixture maximisation(const MixtureSums& sums, double prior_variance) const;

  const RowMatrix& rows_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  std::vector<double> weights_;
  double total_;  // of the weights
};

}  // namespace nflow
