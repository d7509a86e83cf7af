#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

namespace nflow {

using Index = Eigen::Index;

/// Rows of a table, N x D. Always double: a column of mean 1e6 and deviation 1 would have a
/// resolution of 0.06 in float.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Named columns over rows, in the units of the user's file.
struct Table {
  std::vector<std::string> names;  ///< D column names
  RowMatrix rows;                  ///< N x D
};

}  // namespace nflow
