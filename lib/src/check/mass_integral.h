#pragma once

#include <cstdint>
#include <vector>

#include "math/cubature.h"
#include "nflow/check.h"

namespace nflow {

/// A density over one column or two, and what shows where its mass is.
struct DrawnDensity {
  BatchFunction log_density;   ///< log p at each row of N x d
  RowMatrix draws;             ///< of its own sampler, at least a few hundred
  std::vector<bool> circular;  ///< is a column a circle, [-1/2, 1/2]? Else it is the line.
  std::uint64_t seed = 0;
  Index most_points = 400000;  ///< of the cubature
};

/// Is its integral 1? By adaptive cubature in cells between the draws. Where that says no, or is
/// too rough, importance sampling from kernels around the draws decides, which has an error that
/// can be known; where this is too rough as well, the verdict is open.
Finding mass_finding(const DrawnDensity& density);

}  // namespace nflow
