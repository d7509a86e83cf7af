// The map between columns and latent space, and the numbers that it is computed with.

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

#include "check/checks.h"
#include "math/constants.h"
#include "nflow/order.h"
#include "standardised.h"
#include "stats/moments.h"

namespace nflow {
namespace {

constexpr Index kRows = 1000;         // that go there and back
constexpr double kMostReturn = 1e-5;  // deviations
constexpr Index kMostDifferences = 50000;
constexpr double kStep = 1e-5;          // of differences in latent space, where all has size 1
constexpr double kMostLogDet = 1e-3;    // nats
constexpr double kMostRounding = 0.02;  // nats

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What distances in a column are measured by. On a circle, of this circumference, the shorter way
/// counts.
struct Unit {
  double size;
  bool circle;
};

/// Deviations of the columns of `rows`, circumferences of the circles.
std::vector<Unit> units_of(const Model& model, const RowMatrix& rows) {
  std::vector<Unit> units;
  for (Index j = 0; j < rows.cols(); ++j) {
    const Support support = support_at(model.supports, static_cast<std::size_t>(j));
    const bool circle =
        support.kind == Support::Kind::circular || support.kind == Support::Kind::arc;
    const Moments m = moments(rows, j);
    units.push_back({circle ? support.high - support.low : m.deviation * m.unit, circle});
  }
  return units;
}

/// For each row the largest distance in any column.
std::vector<double> distances(const RowMatrix& a, const RowMatrix& b,
                              const std::vector<Unit>& units) {
  std::vector<double> far(static_cast<std::size_t>(a.rows()), 0);
  for (Index i = 0; i < a.rows(); ++i) {
    double& most = far[static_cast<std::size_t>(i)];
    for (Index j = 0; j < a.cols(); ++j) {
      const Unit unit = units[static_cast<std::size_t>(j)];
      double distance = std::fabs(a(i, j) - b(i, j));
      if (distance == 0) continue;
      distance /= unit.size;
      if (unit.circle) distance = std::min(distance, 1 - distance);
      most = std::isnan(distance) ? kInfinity : std::max(most, distance);
    }
  }
  return far;
}

Finding return_finding(const std::string& name, const std::vector<double>& far) {
  return bounded(name, *std::max_element(far.begin(), far.end()), kMostReturn,
                 "deviations at most in " + std::to_string(far.size()) + "; median " +
                     short_number(quantile(far, 0.5)));
}

/// log|det du/dz| at a latent row, by central differences of the way to the columns.
double log_det_at(Evaluator& chain, const RowMatrix& z, const RowMatrix& context) {
  const Index columns = z.cols();
  RowMatrix shifted = z.replicate(2 * columns, 1), u;
  for (Index j = 0; j < columns; ++j) {
    shifted(2 * j, j) += kStep;
    shifted(2 * j + 1, j) -= kStep;
  }
  chain.from_latent(shifted, context.replicate(2 * columns, 1), u);
  Eigen::MatrixXd jacobian(columns, columns);
  for (Index j = 0; j < columns; ++j) {
    jacobian.col(j) = (u.row(2 * j) - u.row(2 * j + 1)) / (2 * kStep);
  }
  const Eigen::VectorXd diagonal = jacobian.partialPivLu().matrixLU().diagonal();
  return diagonal.array().abs().log().sum();
}

}  // namespace

/// Rows there and back, and latent numbers. In double, as nflow transform does it.
Findings check_round_trip(const Subject& subject) {
  const Model& model = subject.model;
  const RowMatrix context = subject.context(kRows);
  Evaluator own(model, subject.options.threads);
  Evaluator exact(in_double(model), subject.options.threads);
  const RowMatrix rows = draw(own, subject, context, 1);
  RowMatrix latent, back;
  exact.to_latent(rows, context, latent);
  exact.from_latent(latent, context, back);
  Findings found{
      return_finding("round trip of rows", distances(rows, back, units_of(model, rows)))};

  // The chain alone is tested: a whole number, or an end of an interval, has no single latent
  // point.
  Evaluator chain(standardised(in_double(model)), subject.options.threads);
  const RowMatrix start = normal_rows(subject, kRows, 1);
  chain.from_latent(start, context, back);
  chain.to_latent(back, context, latent);
  const std::vector<Unit> ones(static_cast<std::size_t>(start.cols()), {1, false});
  found.push_back(return_finding("round trip of latent numbers", distances(start, latent, ones)));
  return found;
}

/// log p(u) = log phi(z) - log|det du/dz| for the chain's numbers u, the determinant by differences
/// of the inverse map; so the two ways are held against each other as well. A difference may meet a
/// kink of a network or the edge of a bin: the median decides.
Findings check_log_det(const Subject& subject) {
  const Index points = std::clamp<Index>(kMostDifferences / (2 * subject.columns()), 10, 200);
  const RowMatrix context = subject.context(points), z = normal_rows(subject, points, 2);
  Evaluator chain(standardised(in_double(subject.model)), subject.options.threads);
  RowMatrix u;
  chain.from_latent(z, context, u);
  std::vector<double> log_prob;
  chain.log_prob(u, context, log_prob);
  std::vector<double> off;
  for (Index i = 0; i < points; ++i) {
    const double base =
        -0.5 * z.row(i).squaredNorm() - static_cast<double>(z.cols()) * kHalfLogTwoPi;
    const double log_det = log_det_at(chain, z.row(i), context.row(i));
    const double difference = std::fabs(base - log_det - log_prob[static_cast<std::size_t>(i)]);
    off.push_back(std::isnan(difference) ? kInfinity : difference);
  }
  return {bounded("log-determinant", quantile(off, 0.5), kMostLogDet,
                  "nats from finite differences, median of " + std::to_string(points) +
                      " points; 9 in 10 below " + short_number(quantile(off, 0.9)))};
}

/// log p in the precision of the model beside log p in double.
Findings check_rounding(const Subject& subject) {
  const Model& model = subject.model;
  if (model.precision() == Precision::float64) return {};
  const RowMatrix context = subject.context(kRows);
  Evaluator own(model, subject.options.threads);
  Evaluator exact(in_double(model), subject.options.threads);
  const RowMatrix rows = draw(own, subject, context, 2);
  std::vector<double> off, log_prob;
  own.log_prob(rows, context, off);
  exact.log_prob(rows, context, log_prob);
  for (std::size_t i = 0; i < off.size(); ++i) {
    off[i] = off[i] == log_prob[i] ? 0 : std::fabs(off[i] - log_prob[i]);
  }
  return {bounded("rounding of log p", quantile(off, 0.99), kMostRounding,
                  "nats between float and double, 99 in 100 below; median " +
                      short_number(quantile(off, 0.5)))};
}

}  // namespace nflow
