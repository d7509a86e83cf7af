#include "stats/circular_regression.h"

#include <Eigen/Cholesky>
#include <cmath>

#include "math/constants.h"

namespace nflow {
namespace {

/// Waves hardly differ from each other where a context column is narrow: with so much added to
/// each square, a share of the rows, weights stay small enough for float32.
constexpr double kRidge = 1e-6;

}  // namespace

Eigen::MatrixXd circular_regression(const Eigen::MatrixXd& features,
                                    const std::vector<double>& turns) {
  const auto rows = static_cast<Eigen::Index>(turns.size());
  Eigen::MatrixXd points(rows, 2);
  for (Eigen::Index r = 0; r < rows; ++r) {
    const double angle = kTwoPi * turns[static_cast<std::size_t>(r)];
    points.row(r) << std::cos(angle), std::sin(angle);
  }
  Eigen::MatrixXd squares = Eigen::MatrixXd::Zero(features.cols(), features.cols());
  squares.selfadjointView<Eigen::Lower>().rankUpdate(features.transpose());
  squares.diagonal().array() += kRidge * static_cast<double>(rows);
  return squares.selfadjointView<Eigen::Lower>()
      .ldlt()
      .solve(features.transpose() * points)
      .transpose();
}

double turn_of(double cosine, double sine) { return std::atan2(sine, cosine) / kTwoPi; }

}  // namespace nflow
