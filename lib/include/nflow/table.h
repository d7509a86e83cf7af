#pragma once

#include <Eigen/Core>

namespace nflow {

using Index = Eigen::Index;

/// Rows of a table, N x D. Always double: a column of mean 1e6 and deviation 1 would have a
/// resolution of 0.06 in float.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace nflow
