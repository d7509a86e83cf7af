#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include "math/constants.h"
#include "train/supports.h"

namespace nflow::testing {

// Circular columns: an hour of the day, angles, and what depends on them.

inline const Support kDay{Support::Kind::circular, 0, 24},
    kAngle{Support::Kind::circular, -kPi, kPi};

/// A von Mises angle about 0, in (-pi, pi], by rejection.
inline double von_mises(std::mt19937& random, double concentration) {
  std::uniform_real_distribution<double> uniform;
  while (true) {
    const double angle = kPi * (2 * uniform(random) - 1);
    if (uniform(random) < std::exp(concentration * (std::cos(angle) - 1))) return angle;
  }
}

/// An angle from [-pi, pi).
inline double wrapped(double angle) {
  return angle - 2 * kPi * std::floor(angle / (2 * kPi) + 0.5);
}

/// Hours about half past eleven in the evening.
inline constexpr double kLate = 23.5, kConcentration = 4;
inline Dataset hours(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  Dataset data{RowMatrix(rows, 1), RowMatrix(rows, 0)};
  for (Index r = 0; r < rows; ++r) {
    const double hour = kLate + 24 / (2 * kPi) * von_mises(random, kConcentration);
    data.x(r, 0) = std::min(hour - 24 * std::floor(hour / 24), 24.0);
  }
  return data;
}

/// A number whose mean follows an angle, and the angle itself, about the seam.
inline double mean_at(double angle) { return 2 * std::cos(angle - 0.5); }
inline Dataset followers(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data{RowMatrix(rows, 2), RowMatrix(rows, 0)};
  for (Index r = 0; r < rows; ++r) {
    const double angle = wrapped(kPi + von_mises(random, 1));
    data.x.row(r) << 10 + mean_at(angle) + 0.4 * normal(random), angle;
  }
  return data;
}

/// Two angles of which the second stays near the first, all the way round.
inline Dataset companions(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-kPi, kPi);
  Dataset data{RowMatrix(rows, 2), RowMatrix(rows, 0)};
  for (Index r = 0; r < rows; ++r) {
    const double first = uniform(random);
    data.x.row(r) << first, wrapped(first + von_mises(random, 6));
  }
  return data;
}

inline TrainOptions steps(const std::string& flow, Index count) {
  TrainOptions options = quick(flow, count);
  options.batch_size = 256;
  return options;
}

inline Model train_followers(const std::string& flow, Index count = 400) {
  return train_with({kReal, kAngle}, followers(4000, 1), followers(1000, 2), steps(flow, count));
}

}  // namespace nflow::testing
