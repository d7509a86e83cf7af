#pragma once

#include <Eigen/Dense>
#include <vector>

#include "nflow/table.h"
#include "stats/labelled_mixture.h"
#include "thread_pool.h"

namespace nflow {

/// A mixture whose conditional densities are known in closed form. In each component the columns
/// with bins are independent of each other and of the rest, and those of the line are normal
/// together:
///   x_line = mean_k + scale factor_k e,  e standard normal,
/// where the scale is 1, or in a share `wide` of the mass kWideScale, for heavier tails.
/// It stands in for a model where rows are to be drawn given some of their columns, and is one
/// where the model itself is a mixture.
struct StandIn {
  static constexpr double kWideScale = 2;

  std::vector<double> log_weight;       ///< K
  std::vector<Eigen::MatrixXd> share;   ///< of each column with bins, K x bins
  std::vector<Eigen::VectorXd> mean;    ///< of each component, L
  std::vector<Eigen::MatrixXd> factor;  ///< of each component, L x L, lower triangular
  double wide = 0;

  Index components() const { return static_cast<Index>(log_weight.size()); }
};

/// A labelled mixture of so many components, about, that is fitted to the rows, with heavier tails:
/// nothing that any row has is impossible anywhere. Numbers are those of the line, and labels bins,
/// of which `bins` has the numbers. The same rows give the same bits on any number of threads.
StandIn fit_stand_in(const HoledRows& rows, const std::vector<Index>& bins, Index components,
                     ThreadPool& pool);

/// A StandIn as it is asked where these columns of the line are known, and the others are not.
class StandInGiven {
 public:
  /// `known` is ascending; the stand-in must outlive this.
  StandInGiven(const StandIn& stand_in, std::vector<Index> known);

  const std::vector<Index>& known() const { return known_; }
  const std::vector<Index>& others() const { return others_; }

  /// What each component says of one row: its log density of the known columns, and its mean of the
  /// others.
  struct Row {
    std::vector<double> narrow, wide;  ///< log densities, K, by scale; narrow alone where wide is 0
    Eigen::MatrixXd mean;              ///< K x others
  };
  Row at(const double* known) const;

  /// Writes a row of the others in component k, made of standard normal numbers.
  void draw(const Row& row, Index k, double scale, const double* normal, double* out) const;
  /// log density of the others in component k, at scales 1 and kWideScale; `work` has their length.
  struct Pair {
    double narrow, wide;
  };
  Pair log_density(const Row& row, Index k, const double* others, double* work) const;

 private:
  struct Part {
    Eigen::MatrixXd known, cross, rest;  // the factor with the known columns first
    double log_det_known = 0, log_det_rest = 0;
  };

  const StandIn& stand_in_;
  std::vector<Index> known_, others_;
  std::vector<Part> parts_;
};

}  // namespace nflow
