#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

#include "nflow/table.h"
#include "thread_pool.h"

namespace nflow {

/// Rows of numbers and labels, some of them missing.
struct HoledRows {
  RowMatrix numbers;                 ///< N x E, of a like scale in all columns; NaN where missing
  Eigen::MatrixXi labels;            ///< N x L, from 0 on; -1 where missing
  std::vector<double> weights = {};  ///< one a row, or none

  Index rows() const { return numbers.rows(); }
};

/// A mixture over numbers and labels: within a component the numbers are normal with any
/// covariance, and each label is independent of all else.
struct LabelledMixture {
  Eigen::VectorXd log_weight;                ///< K, normalised
  Eigen::MatrixXd mean;                      ///< E x K
  std::vector<Eigen::MatrixXd> covariance;   ///< K times E x E
  std::vector<Eigen::MatrixXd> probability;  ///< L times levels x K; each column sums to one

  Index components() const { return log_weight.size(); }
  Index columns() const { return mean.rows(); }
};

/// So many rows more that each component has seen, uncorrelated, whose variances are `variance`
/// times those of a typical component. Many of variance 1 shrink correlations.
struct LabelledPrior {
  double rows = 2;
  double variance = 1e-3;
};

/// Fits labelled mixtures to rows with holes by expectation-maximisation, as if no row were
/// complete: each iteration sums over all that may stand in the holes, in closed form (Ghahramani
/// and Jordan, "Supervised learning from incomplete data via an EM approach", 1994). It climbs the
/// likelihood of what is there, and is right where holes come at random given what is there.
class LabelledFit {
 public:
  /// `levels` are the labels that each column may have, or `shares` those of its labels, of which
  /// every component has seen a row. `rows` must outlive this.
  LabelledFit(const HoledRows& rows, const std::vector<Index>& levels, ThreadPool& pool,
              std::uint64_t seed);
  LabelledFit(const HoledRows& rows, std::vector<Eigen::VectorXd> shares, ThreadPool& pool,
              std::uint64_t seed);

  /// Where rows are few, EM begins at several starts and goes on from the best. The bits are the
  /// same for any number of threads.
  LabelledMixture fit(Index components, const LabelledPrior& prior, int starts = 4) const;

 private:
  LabelledMixture start(Index components, std::uint32_t number) const;
  LabelledMixture climb(LabelledMixture mixture, const LabelledPrior& prior, int most_iterations,
                        double& density) const;

  const HoledRows& rows_;
  ThreadPool& pool_;
  std::uint64_t seed_;
  std::vector<Index> order_;          // rows of the same holes side by side
  std::vector<Eigen::VectorXd> all_;  // share of each label in each column
};

/// The log density of what is there in each row.
std::vector<double> log_densities(const LabelledMixture& mixture, const HoledRows& rows,
                                  ThreadPool& pool);

/// Puts a draw in each hole, given what is there in its row. Draws are a function of the seed, the
/// stream and the row's number.
void fill_holes(const LabelledMixture& mixture, HoledRows& rows, std::uint64_t seed,
                std::uint32_t stream, ThreadPool& pool);

}  // namespace nflow
