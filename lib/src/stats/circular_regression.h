#pragma once

#include <Eigen/Core>
#include <vector>

namespace nflow {

/// Weights, 2 x F, of the point (c, s) = W f whose direction is where a turn stands in the mean
/// given its row of features f, N x F: the least squares of cosine and sine, each by itself
/// (Jammalamadaka and Sarma, "Circular regression", 1993). Features are of the order of 1, and
/// as many as the rows allow.
Eigen::MatrixXd circular_regression(const Eigen::MatrixXd& features,
                                    const std::vector<double>& turns);

/// The turn of the point (c, s), in [-1/2, 1/2].
double turn_of(double cosine, double sine);

}  // namespace nflow
