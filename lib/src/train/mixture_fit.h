#pragma once

#include <cstdint>
#include <vector>

#include "nflow/table.h"
#include "stats/normal_fit.h"
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

/// Which component answers for rows further out than any that were seen: they are then unlikely and
/// not impossible. The far row is as far_variance() has it, and there is one component at least
/// beside it.
enum class Tail {
  none,    ///< no component
  shared,  ///< the last, which has seen a far row for each column beside its own rows
  own,     ///< the last, which has seen half a far row and nothing else
};

/// What a fit knows before it sees the rows: each component has seen `rows` rows more, whose
/// variance is `variance` times that of a typical component (the components' geometric mean, column
/// by column, as the fit goes on). So it keeps components from collapsing without a scale of its
/// own, whether clusters overlap or lie a million deviations apart; 0 rows leave the likelihood
/// alone.
struct MixturePrior {
  double rows = 2;
  double variance = 1e-3;
  Tail tail = Tail::own;
};

/// Tables with fewer rows have many local optima and cost little: fits begin at several starts.
inline constexpr Index kFewMixtureRows = 5000;

/// Variance of each column's far row, for rows that are standardised: that of deviation 2, or of
/// more where numbers far out say so or least_far does.
Eigen::VectorXd far_variance(const RowMatrix& rows, const Eigen::VectorXd& least_far);

/// What that row counts as, where a tail has seen no other.
inline constexpr double kOwnFarRows = 0.5;

/// A mixture of one component: x = mean + L y with y standard normal.
GaussianMixture mixture_of(const Normal& normal);

/// What mixtures are fitted to: context columns, cosine and sine of the circular columns, and the
/// others, side by side and standardised; at most 200,000 rows, evenly spread.
struct MixtureRows {
  RowMatrix rows;
  std::vector<double> weights = {};  ///< one a row, or none
  Eigen::VectorXd least_far =
      {};  ///< as MixtureFit has it: that of a uniform column of an interval

  MixtureRows column(Index j) const {
    return {rows.col(j), weights, least_far.size() > 0 ? least_far.segment(j, 1) : least_far};
  }
};

/// Fits Gaussian mixtures to standardised rows by expectation-maximisation (Dempster, Laird and
/// Rubin 1977), with a weak prior on the covariances that keeps components from collapsing.
/// The same rows and seed give the same bits on any number of threads.
class MixtureFit {
 public:
  /// `rows` is N x E and must outlive the fit. A row of weight w counts as w rows; without weights
  /// each counts as one. `least_far` are deviations that the far row of a column has at least.
  MixtureFit(const RowMatrix& rows, ThreadPool& pool, std::uint64_t seed,
             std::vector<double> weights = {}, const Eigen::VectorXd& least_far = {});

  /// One component is the normal density that fits rows held out best (see choose_normal()), of
  /// the columns given the first `given` ones; no prior is needed for it. With several `fits` the
  /// result is the average density of so many mixtures from different starts, which share the
  /// components: their mean log density can only gain (Jensen), most where rows are few and the
  /// fits differ (Smyth and Wolpert, "Linearly combining density estimators", 1999).
  GaussianMixture fit(Index components, int most_iterations, const MixturePrior& prior = {},
                      Index fits = 1, Index given = 0) const;
  /// EM from a mixture of one fit, with another prior.
  GaussianMixture go_on(GaussianMixture mixture, int most_iterations,
                        const MixturePrior& prior) const;
  /// Log density of the columns of any rows given their first `given` ones.
  std::vector<double> log_densities(const GaussianMixture& mixture, const RowMatrix& rows,
                                    Index given = 0) const;
  /// The mean of log_densities(), weighted where there are weights.
  double mean_log_density(const GaussianMixture& mixture, const RowMatrix& rows,
                          const std::vector<double>& weights = {}, Index given = 0) const;

 private:
  GaussianMixture average(Index components, int most_iterations, const MixturePrior& prior,
                          Index fits) const;
  /// The start of this number, 0, 1, ...
  GaussianMixture start(Index components, Tail tail, int number) const;
  void set_tail(GaussianMixture& mixture) const;
  /// EM from a start until it settles, and the mean log density that it reached.
  GaussianMixture climb(GaussianMixture mixture, int most_iterations, const MixturePrior& prior,
                        double& density) const;
  GaussianMixture maximisation(const MixtureSums& sums, const MixturePrior& prior) const;

  const RowMatrix& rows_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  std::vector<double> weights_;
  double total_;  // of the weights
  Eigen::VectorXd far_variance_;
};

}  // namespace nflow
