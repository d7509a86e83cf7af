#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "check/proposal.h"
#include "stats/bridge.h"

using namespace nflow;

namespace {

double log_normal_density(double x, double mean, double deviation) {
  const double y = (x - mean) / deviation;
  return -0.5 * y * y - std::log(deviation) - 0.91893853320467274178;
}

/// The mass of 1.3 N(0, 1) beside N(0.4, 1.2).
LogMass estimate(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> p(0, 1), q(0.4, 1.2);
  std::vector<double> at_p, at_q;
  const auto ratio = [](double x) {
    return std::log(1.3) + log_normal_density(x, 0, 1) - log_normal_density(x, 0.4, 1.2);
  };
  for (int i = 0; i < 500; ++i) {
    at_p.push_back(ratio(p(random)));
    at_q.push_back(ratio(q(random)));
  }
  return bridge(at_p, at_q);
}

}  // namespace

TEST_SUITE("stats") {
  TEST_CASE("bridge sampling finds a mass, and knows how well") {
    double squares = 0;
    constexpr int runs = 400;
    for (unsigned seed = 0; seed < runs; ++seed) {
      const LogMass mass = estimate(seed);
      CHECK(mass.overlap > 0.5);
      squares += std::pow((mass.value - std::log(1.3)) / mass.error, 2);
    }
    CHECK(squares / runs == doctest::Approx(1).epsilon(0.2));
  }

  TEST_CASE("bridge sampling says where two densities do not meet") {
    const std::vector<double> far(100, 60), near(100, -60);
    const LogMass mass = bridge(far, near);
    CHECK(mass.overlap < 1e-6);
    // Beyond the precision of a model log p is -infinite.
    CHECK(std::isfinite(bridge({0.1, -INFINITY, 0.2}, {0.1, 0, -0.1}).value));
    CHECK(std::isnan(bridge({0.1, NAN, 0.2}, {0.1, 0, -0.1}).value));
    CHECK(std::isnan(bridge({0.1, NAN, 0.2}, {0.1, 0, -0.1}).error));
  }

  TEST_CASE("a proposal draws from its density") {
    // Two components in two columns: one at (0, 1), one at (3, 3 - 2) along a line.
    GaussianMixture mixture;
    mixture.log_weight = {std::log(0.25), std::log(0.75)};
    mixture.log_scale = {0, 0.5, -0.2, 0.3};
    mixture.intercept = {0, 3, 1, -2};
    mixture.slope = {0, 0, 0, 0, 0, 0, 1, 0};
    const Proposal proposal(mixture);
    const RowMatrix rows = proposal.sample(20000, Random(1, Purpose::check));
    CHECK(rows.col(0).mean() == doctest::Approx(0.75 * 3).epsilon(0.02));
    CHECK(rows.col(1).mean() == doctest::Approx(0.25 * 1 + 0.75 * 1).epsilon(0.02));
    RowMatrix point(1, 2);
    point << 2.9, 0.8;
    const double first = log_normal_density(2.9, 0, 1) + log_normal_density(0.8, 1, std::exp(0.2));
    const double second = log_normal_density(2.9, 3, std::exp(-0.5)) +
                          log_normal_density(0.8, 2.9 - 2, std::exp(-0.3));
    CHECK(proposal.log_prob(point).at(0) ==
          doctest::Approx(std::log(0.25 * std::exp(first) + 0.75 * std::exp(second))));
  }
}
