#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "nflow/evaluator.h"
#include "nflow/support.h"
#include "train/toy.h"

namespace nflow::testing {

// Columns on supports, and models of them.

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

inline const Support kReal{}, kPositive{Support::Kind::positive},
    kInterval{Support::Kind::interval, 2, 5}, kInteger{Support::Kind::integer},
    kCircular{Support::Kind::circular, -90, 270}, kArc{Support::Kind::arc, -90, 270, 30},
    kAsinh = parse_support("ASINH[3,0.02]");

inline RowMatrix none(Index rows) { return RowMatrix(rows, 0); }

inline std::vector<double> log_prob(const Model& model, const RowMatrix& x) {
  std::vector<double> out;
  Evaluator(model, 2).log_prob(x, none(x.rows()), out);
  return out;
}

/// Skewed numbers: above 0, in (2, 5), whole and from 0 on.
inline double draw(const Support& support, double normal) {
  switch (support.kind) {
    case Support::Kind::positive:
      return 7 * std::exp(0.8 * normal);
    case Support::Kind::interval:
      return support.low + (support.high - support.low) / (1 + std::exp(-1.5 * normal - 1));
    case Support::Kind::integer:
      return std::floor(std::fabs(2 * normal));
    case Support::Kind::circular: {  // about the seam
      const double turns = 0.15 * normal - std::floor(0.15 * normal);
      return std::min(support.low + (support.high - support.low) * turns, support.high);
    }
    default:
      return normal;
  }
}

inline Dataset draws(const std::vector<Support>& supports, Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data{RowMatrix(rows, static_cast<Index>(supports.size())), none(rows)};
  for (Index r = 0; r < rows; ++r) {
    double common = normal(random);
    for (std::size_t j = 0; j < supports.size(); ++j) {
      common = 0.6 * common + 0.8 * normal(random);
      data.x(r, static_cast<Index>(j)) = draw(supports[j], common);
    }
  }
  return data;
}

inline Model train_with(const std::vector<Support>& supports, const Dataset& fit,
                        const Dataset& validation, TrainOptions options) {
  options.supports = supports;
  std::vector<std::string> names;
  for (const Support& support : supports) {
    names.push_back(std::to_string(names.size()) + to_text(support));
  }
  return train(names, {}, fit, validation, options, nullptr);
}

inline Model train_on(const std::vector<Support>& supports, const std::string& flow) {
  return train_with(supports, draws(supports, 1500, 1), draws(supports, 400, 2), quick(flow, 200));
}

}  // namespace nflow::testing
