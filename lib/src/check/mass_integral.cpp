#include "check/mass_integral.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "check/axis.h"
#include "check/checks.h"
#include "check/kernel_proposal.h"

namespace nflow {
namespace {

constexpr double kMostMissing = 2e-3;  // of the mass
constexpr double kTolerance = 2e-4;    // of the integral
constexpr int kMostHalvings = 3;       // of all cells
constexpr Index kCentres = 4000;       // of kernels
constexpr Index kDraws = 65536;        // from them
constexpr double kDeviations = 5;      // that chance may add to an estimate of importance sampling
constexpr double kLeastShare = 0.02;   // of the draws that are to tell of the mass
constexpr double kMostOfOne = 0.02;    // of the mass that one draw may tell of
constexpr double kRoughest = 0.02;     // error of the mass that still tells anything

/// Puts a cut into the middle of each cell.
void halve(std::vector<std::vector<double>>& edges) {
  for (std::vector<double>& cuts : edges) {
    std::vector<double> finer{cuts.front()};
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      finer.push_back((cuts[i] + cuts[i + 1]) / 2);
      finer.push_back(cuts[i + 1]);
    }
    cuts = std::move(finer);
  }
}

/// A rule that passes over a peak believes its own error. So the cells are halved until that
/// changes nothing more, or until most of the points are used up.
Integral settled(const BatchFunction& f, std::vector<std::vector<double>> edges,
                 Index most_points) {
  Index points = 0;
  const BatchFunction counted = [&](const RowMatrix& places) {
    points += places.rows();
    return f(places);
  };
  Integral integral = integrate(counted, edges, kTolerance, most_points);
  for (int halving = 0; halving < kMostHalvings && points < most_points / 2; ++halving) {
    halve(edges);
    const Integral finer = integrate(counted, edges, kTolerance, most_points - points);
    const double change = std::fabs(finer.value - integral.value);
    integral = {finer.value, std::max(finer.error, change)};
    if (!(change > kTolerance)) break;
  }
  return integral;
}

Integral by_cubature(const DrawnDensity& density) {
  std::vector<Axis> axes;
  std::vector<std::vector<double>> edges;
  const Index columns = density.draws.cols();
  for (Index j = 0; j < columns; ++j) {
    const bool circle = density.circular[static_cast<std::size_t>(j)];
    axes.emplace_back(circle, density.draws.col(j),
                      columns == 1 ? Axis::Cuts::all_along : Axis::Cuts::few);
    edges.push_back(axes.back().edges());
  }
  const auto by_place = [&](const RowMatrix& places) {
    RowMatrix u = places;
    std::vector<double> slope(static_cast<std::size_t>(u.rows()), 1);
    for (Index i = 0; i < u.rows(); ++i) {
      for (Index j = 0; j < u.cols(); ++j) {
        u(i, j) =
            axes[static_cast<std::size_t>(j)](places(i, j), slope[static_cast<std::size_t>(i)]);
      }
    }
    std::vector<double> values = density.log_density(u);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::exp(values[i]) * slope[i];
    return values;
  };
  return settled(by_place, std::move(edges), density.most_points);
}

bool outside_circles(const DrawnDensity& density, const RowMatrix& rows, Index i) {
  for (Index j = 0; j < rows.cols(); ++j) {
    if (density.circular[static_cast<std::size_t>(j)] && std::fabs(rows(i, j)) > 0.5) return true;
  }
  return false;
}

struct Estimate {
  double value, error;
  bool trusted;  // does the error tell what chance may add?
};

/// p / q of draws from kernels q around the density's own.
Estimate by_importance(const DrawnDensity& density) {
  const Index centres = std::min(kCentres, density.draws.rows());
  const KernelProposal proposal(density.draws.topRows(centres));
  const RowMatrix rows = proposal.sample(kDraws, Random(density.seed, Purpose::check));
  const std::vector<double> log_p = density.log_density(rows), log_q = proposal.log_prob(rows);
  double sum = 0, squares = 0, most = 0;
  for (Index i = 0; i < rows.rows(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    if (outside_circles(density, rows, i)) continue;
    const double weight = std::exp(log_p[place] - log_q[place]);
    sum += weight;
    squares += weight * weight;
    most = std::max(most, weight);
  }
  const auto n = static_cast<double>(rows.rows());
  const double error = std::sqrt(std::max(0.0, squares - sum * sum / n)) / n;
  const bool trusted = sum * sum >= kLeastShare * n * squares && most <= kMostOfOne * sum &&
                       error <= kRoughest * std::max(1.0, sum / n);
  return {sum / n, error, trusted};
}

Finding open_finding(double value, const std::string& detail) {
  Finding finding = bounded("mass", std::fabs(value - 1), kMostMissing, detail);
  finding.verdict = Finding::Verdict::open;
  return finding;
}

/// What importance sampling says where the cubature did not give 1.
Finding decided(const DrawnDensity& density, const Integral& cubature) {
  const std::string rough =
      short_number(cubature.value, 4) + " +- " + short_number(cubature.error, 2);
  const Estimate drawn = by_importance(density);
  if (!drawn.trusted) return open_finding(cubature.value, "too rough for the quadrature: " + rough);
  const double limit = std::max(kMostMissing, kDeviations * drawn.error);
  Finding finding = bounded("mass", std::fabs(drawn.value - 1), limit,
                            "from 1: the integral is " + short_number(drawn.value, 4) + " +- " +
                                short_number(drawn.error, 2) + ", by importance sampling");
  // Too little is missing for this estimate to see, and the other one would have it so.
  const bool borne_out = std::fabs(drawn.value - cubature.value) < 2 * drawn.error;
  if (finding.verdict == Finding::Verdict::ok && borne_out && cubature.error < kMostMissing) {
    return open_finding(cubature.value, "too rough for the quadrature: " + rough);
  }
  return finding;
}

}  // namespace

Finding mass_finding(const DrawnDensity& density) {
  const Integral mass = by_cubature(density);
  const double missing = std::fabs(mass.value - 1);
  if (missing > kMostMissing && std::isfinite(mass.value)) return decided(density, mass);
  return bounded("mass", missing, kMostMissing,
                 "from 1: the integral is " + short_number(mass.value, 6));
}

}  // namespace nflow
