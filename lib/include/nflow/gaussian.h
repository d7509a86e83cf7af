#pragma once

#include <vector>

#include "nflow/dataset.h"
#include "nflow/model.h"

namespace nflow {

/// A normal density of the columns, given the context columns where there are such, with full
/// covariance: what a flow has to beat. Fitted by maximum likelihood but for a faint prior, so that
/// collinear columns and few rows give a finite density too.
class Gaussian {
 public:
  /// Fits rows in the units of the columns, weighted where they are.
  explicit Gaussian(const Dataset& fit);

  /// log p(x | context) of each row in nats, in the units of the columns.
  std::vector<double> log_prob(const Dataset& data) const;

 private:
  RowMatrix standardised(const Dataset& data) const;

  Scaler scaler_;  // of the context columns, then the modelled ones
  Index context_;
  Eigen::MatrixXd factor_;  // L, lower triangular: the standardised columns have covariance L L^T
};

}  // namespace nflow
