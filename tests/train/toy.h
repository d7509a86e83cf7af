#pragma once

#include <cmath>
#include <random>

#include "nflow/trainer.h"

namespace nflow::testing {

/// Two banana-shaped columns in awkward units: one near 1000 with deviation 40, one near -5 with
/// deviation 0.003.
inline Dataset banana(Index rows, unsigned seed, double unit = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data;
  data.x.resize(rows, 2);
  data.context.resize(rows, 0);
  for (Index r = 0; r < rows; ++r) {
    const double a = normal(random), b = normal(random);
    data.x(r, 0) = unit * (1000 + 40 * a);
    data.x(r, 1) = unit * (-5 + 0.003 * (0.5 * b + 0.6 * (a * a - 1)));
  }
  return data;
}

/// One column that follows its context: y = sin(2c) + 0.1 noise.
inline Dataset wave(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data;
  data.x.resize(rows, 1);
  data.context.resize(rows, 1);
  for (Index r = 0; r < rows; ++r) {
    data.context(r, 0) = normal(random);
    data.x(r, 0) = std::sin(2 * data.context(r, 0)) + 0.1 * normal(random);
  }
  return data;
}

/// Quick options: a small chain and few steps.
inline TrainOptions quick(const std::string& flow, Index steps = 150) {
  TrainOptions options;
  options.flow = parse_flow(flow);
  options.max_steps = steps;
  options.batch_size = 128;
  options.learning_rate = 5e-3;
  return options;
}

inline Model train_banana(const TrainOptions& options) {
  return train({"a", "b"}, {}, banana(1000, 1), banana(300, 2), options, nullptr);
}

}  // namespace nflow::testing
