#pragma once

#include <algorithm>
#include <cmath>

#include "math/constants.h"
#include "nflow/trainer.h"

namespace nflow {

/// The rate at `share` (0 to 1) of the training: cosine falls from the full rate to 0 (Loshchilov
/// and Hutter, "SGDR", 2017, eq. 5, without restarts).
inline double scheduled_rate(TrainOptions::Schedule schedule, double rate, double share) {
  if (schedule == TrainOptions::Schedule::constant) return rate;
  return rate * 0.5 * (1 + std::cos(kPi * std::clamp(share, 0.0, 1.0)));
}

}  // namespace nflow
