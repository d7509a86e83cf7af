#pragma once

#include <vector>

namespace nflow {

/// log of the integral of a density p, and its standard error.
struct LogMass {
  double value;
  double error;
  double overlap;  ///< of the two densities: the share of draws that tell of both, 0 to 1
};

/// From the ratio log p - log q at as many draws of p's sampler as of q, a density known to have
/// mass 1: the estimate of Bennett ("Efficient estimation of free energy differences", 1976), also
/// called bridge sampling. It is 0 within its error only where p has mass 1 and its sampler draws
/// from p. NaN with its error where a ratio is.
LogMass bridge(const std::vector<double>& at_p, const std::vector<double>& at_q);

}  // namespace nflow
