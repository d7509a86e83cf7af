#pragma once

#include <vector>

#include "nflow/dataset.h"
#include "nflow/model.h"

namespace nflow {

/// A normal density of the columns, given the context columns where there are such: what a flow has
/// to beat. It is the likeliest of full covariance; where the rows are too few for one, or columns
/// are linear functions of others, the one of another kind that fits rows held out best.
class Gaussian {
 public:
  enum class Kind {
    full,
    shrunken,  ///< full, drawn towards its diagonal
    factors,   ///< a diagonal and a few common factors
    diagonal
  };

  /// Fits rows in the units of the columns, weighted where they are.
  explicit Gaussian(const Dataset& fit);

  /// log p(x | context) of each row in nats, in the units of the columns.
  std::vector<double> log_prob(const Dataset& data) const;

  Kind kind() const { return kind_; }

 private:
  RowMatrix standardised(const Dataset& data) const;

  Scaler scaler_;  // of the context columns, then the modelled ones
  Index context_;
  Kind kind_ = Kind::full;
  Eigen::VectorXd mean_;    // of the standardised columns: what rounding left
  Eigen::MatrixXd factor_;  // L, lower triangular: the standardised columns have covariance L L^T
};

}  // namespace nflow
