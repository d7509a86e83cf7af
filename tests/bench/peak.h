#pragma once

#include "timing.h"

namespace nflow::bench {

/// GFLOP/s of products of two 512 x 512 matrices of floats.
struct Peak {
  double own;       ///< by our own kernel
  double openblas;  ///< by OpenBLAS; 0 where the machine has none
  double gflops() const { return std::max(own, openblas); }
};

/// Measured on all threads of `effort`. The peak is the better of the two: a share of our own
/// product alone would flatter us wherever that is slow.
Peak measure_peak(Effort effort);

}  // namespace nflow::bench
