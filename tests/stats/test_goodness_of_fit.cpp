#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "nflow/order.h"
#include "stats/goodness_of_fit.h"

using namespace nflow;

namespace {

std::vector<double> uniforms(std::size_t n, unsigned seed, double power = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> numbers(n);
  for (double& u : numbers) u = std::pow(uniform(random), power);
  return numbers;
}

std::vector<Tails> tails_of(const std::vector<double>& numbers) {
  std::vector<Tails> tails;
  for (const double u : numbers) tails.push_back({u, 1 - u});
  return tails;
}

/// n times the integral of (F_n - u)^2 / (u (1 - u)), by the midpoint rule in logit(u).
double anderson_darling_integral(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  const auto n = static_cast<double>(numbers.size());
  const double step = 1e-4;
  double sum = 0;
  for (double logit = -20; logit < 20; logit += step) {
    const double u = 1 / (1 + std::exp(-logit - step / 2));
    const auto below = std::upper_bound(numbers.begin(), numbers.end(), u) - numbers.begin();
    sum += std::pow(static_cast<double>(below) / n - u, 2) * step;
  }
  return n * sum;
}

}  // namespace

TEST_SUITE("stats") {
  TEST_CASE("distribution functions have the values of the tables, in both tails") {
    CHECK(normal_tails(0).below == 0.5);
    CHECK(normal_tails(1.959963984540054).above == doctest::Approx(0.025));
    CHECK(normal_tails(-20).below == doctest::Approx(2.753624118606e-89));
    CHECK(normal_tails(20).above == normal_tails(-20).below);
    CHECK(normal_tails(20).below == 1);
    CHECK(two_sided_p(-2.5758293035489004) == doctest::Approx(0.01));
    CHECK(chi_squared_tails(3.841458820694124, 1).above == doctest::Approx(0.05));
    CHECK(chi_squared_tails(18.307038053275146, 10).above == doctest::Approx(0.05));
    CHECK(chi_squared_tails(0.020100717, 2).below == doctest::Approx(0.01));
    CHECK(chi_squared_tails(400, 2).above == doctest::Approx(std::exp(-200.0)));
    CHECK(chi_squared_tails(INFINITY, 2).below == 1);
  }

  TEST_CASE("Kolmogorov and Smirnov: the distance, and p as the tables have it") {
    CHECK(kolmogorov_smirnov({0.9, 0.3, 0.2}).statistic == doctest::Approx(2.0 / 3 - 0.3));
    CHECK(kolmogorov_smirnov({0.5}).statistic == 0.5);
    // Critical values of Miller, JASA 51 (1956).
    CHECK(kolmogorov_smirnov_p(0.40925, 10) == doctest::Approx(0.05).epsilon(0.03));
    CHECK(kolmogorov_smirnov_p(0.48893, 10) == doctest::Approx(0.01).epsilon(0.05));
    CHECK(kolmogorov_smirnov_p(0.29408, 20) == doctest::Approx(0.05).epsilon(0.02));
    CHECK(kolmogorov_smirnov_p(0.13403, 100) == doctest::Approx(0.05).epsilon(0.02));
    CHECK(kolmogorov_smirnov_p(0.01, 100) == 1);
  }

  TEST_CASE("Anderson and Darling: the integral, and p as the tables have it") {
    for (const unsigned seed : {1U, 2U, 3U}) {
      const std::vector<double> numbers = uniforms(15, seed, 1.2);
      CHECK(anderson_darling(tails_of(numbers)).statistic ==
            doctest::Approx(anderson_darling_integral(numbers)).epsilon(1e-3));
    }
    for (const auto& [statistic, p] : std::vector<std::pair<double, double>>{{0.775, 0.5},
                                                                             {1.248, 0.25},
                                                                             {1.933, 0.1},
                                                                             {2.492, 0.05},
                                                                             {3.857, 0.01},
                                                                             {5.99, 1e-3}}) {
      CHECK(anderson_darling_p(statistic, 1e9) == doctest::Approx(p).epsilon(0.02));
    }
    CHECK(anderson_darling_p(8 - 1e-9, 100) ==
          doctest::Approx(anderson_darling_p(8 + 1e-9, 100)).epsilon(0.05));
    CHECK(anderson_darling_p(1e6, 100) == 0);
    // A number that cannot be leaves no doubt.
    std::vector<Tails> tails = tails_of(uniforms(50, 1));
    tails.push_back(normal_tails(60));
    CHECK(anderson_darling(tails).p == 0);
  }

  TEST_CASE("p of numbers that are uniform is uniform, of others small") {
    int ks = 0, ad = 0;
    constexpr int runs = 2000;
    for (unsigned seed = 0; seed < runs; ++seed) {
      const std::vector<double> numbers = uniforms(12, seed);
      ks += kolmogorov_smirnov(numbers).p < 0.1;
      ad += anderson_darling(tails_of(numbers)).p < 0.1;
    }
    CHECK(std::abs(ks - 200) < 40);
    CHECK(std::abs(ad - 200) < 40);
    CHECK(kolmogorov_smirnov(uniforms(2000, 1, 1.15)).p < 1e-3);
    CHECK(anderson_darling(tails_of(uniforms(2000, 1, 1.15))).p < 1e-3);
  }

  TEST_CASE("Holm's adjustment is that of his paper") {
    const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005});
    const std::vector<double> expected{0.03, 0.06, 0.06, 0.02};
    for (std::size_t i = 0; i < 4; ++i) CHECK(adjusted[i] == doctest::Approx(expected[i]));
    CHECK(holm({0.7, 0.8}) == std::vector<double>{1, 1});
    CHECK(holm({}).empty());
  }

  TEST_CASE("quantiles lie on the line between neighbours") {
    CHECK(quantile({3, 1, 2}, 0.5) == 2);
    CHECK(quantile({4, 1}, 0.25) == doctest::Approx(1.75));
    CHECK(quantile({1, INFINITY}, 0) == 1);
    CHECK(quantile({1, INFINITY}, 1) == INFINITY);
    CHECK(std::isnan(quantile({}, 0.5)));
  }
}
