#pragma once

#include <functional>
#include <vector>

#include "nflow/table.h"

namespace nflow {

struct Integral {
  double value;
  double error;  ///< an estimate
};

/// Values of a function at each row of points, N x d.
using BatchFunction = std::function<std::vector<double>(const RowMatrix& points)>;

/// The integral over a box of d = 1 or 2 dimensions that is cut into cells along `edges`, of which
/// each dimension has at least two, by a Gauss-Kronrod rule in each cell. The cells with the
/// largest errors are halved, along the worse dimension, until the errors add up to `tolerance`, or
/// until `most_points` have been tried. NaN where the function has no value at some point.
Integral integrate(const BatchFunction& f, const std::vector<std::vector<double>>& edges,
                   double tolerance, Index most_points);

}  // namespace nflow
