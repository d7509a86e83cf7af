#pragma once

#include <Eigen/Core>

namespace nflow {

/// A covariance near `covariance` of the form loadings loadings^T + diagonal, with so many common
/// factors: the likeliest for rows of that covariance, by expectation-maximisation from the
/// principal axes (Rubin and Thayer, "EM algorithms for ML factor analysis", 1982). The diagonal of
/// `covariance` is positive; the rest may be of too few rows for an inverse.
Eigen::MatrixXd factor_analytic(const Eigen::MatrixXd& covariance, Eigen::Index factors);

}  // namespace nflow
