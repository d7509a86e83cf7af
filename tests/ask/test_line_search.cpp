#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "ask/line_search.h"
#include "math/constants.h"

using namespace nflow;

namespace {

using LogDensity = std::function<double(double)>;

LineDensity searched(const LogDensity& log_density, std::vector<double> nodes, bool closed = false,
                     std::size_t* asked = nullptr) {
  LineSearch search(std::move(nodes), closed, 1e-10);
  std::vector<double> values;
  while (!search.wanted().empty()) {
    values.clear();
    for (const double u : search.wanted()) values.push_back(log_density(u));
    search.take(values.data());
  }
  if (asked) *asked = search.asked();
  return search.result();
}

double normal(double u, double mean, double deviation) {
  const double z = (u - mean) / deviation;
  return std::exp(-0.5 * z * z) / deviation / std::sqrt(2 * kPi);
}
double normal_below(double u, double mean, double deviation) {
  return 0.5 * std::erfc((mean - u) / deviation / std::sqrt(2.0));
}

const std::vector<double> kNodes{-3, -1.5, -0.7, -0.2, 0.3, 0.8, 1.6, 3};

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("panels integrate polynomials of degree eight, and know how far off they are") {
    PanelValues values{};
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double x = panel_nodes()[k];
      values[k] = 3 * std::pow(x, 8) - x * x * x + 2;
    }
    CHECK(panel_integral(values).value == doctest::Approx(2 * (3.0 / 9 + 2)));
    CHECK(panel_integral(values).distance > 0.01);
    const PanelPolynomial polynomial(values);
    for (const double x : {-1.0, -0.3, 0.4, 1.0}) {
      CHECK(polynomial.value(x) == doctest::Approx(3 * std::pow(x, 8) - x * x * x + 2));
      const auto integral = [](double u) {
        return std::pow(u, 9) / 3 - std::pow(u, 4) / 4 + 2 * u;
      };
      CHECK(polynomial.integral(x) == doctest::Approx(integral(x) - integral(-1)));
    }
  }

  TEST_CASE("a peak is found wherever it is, however narrow, and its mass to 1e-7") {
    for (const double mean : {-40.0, -0.7, 0.123456, 2.9, 700.0}) {
      for (const double deviation : {1e-7, 1e-3, 0.1, 1.0, 30.0}) {
        CAPTURE(mean);
        CAPTURE(deviation);
        const auto log_density = [&](double u) {
          const double z = (u - mean) / deviation;
          return 5 - 0.5 * z * z;
        };
        std::size_t asked = 0;
        const LineDensity found = searched(log_density, kNodes, false, &asked);
        REQUIRE(found.known);
        CHECK(found.accurate);
        CHECK(asked < 2500);
        CHECK(std::fabs(found.log_mass - 5 - std::log(deviation * std::sqrt(2 * kPi))) < 1e-7);
        for (const double share : {0.01, 0.5, 0.99}) {
          CHECK(std::fabs(normal_below(found.place_of(share), mean, deviation) - share) < 1e-7);
          CHECK(std::fabs(found.share_below(found.place_of(share)) - share) < 1e-7);
        }
      }
    }
  }

  TEST_CASE("a narrow peak on the flank of a wide one is found where it can be seen") {
    for (const double narrow : {0.3, 0.03, 0.003}) {
      CAPTURE(narrow);
      // Seen from the nearest node, 3 deviations of the narrow one away.
      const double mean = 0.3 + 3 * narrow;
      const auto log_density = [&](double u) {
        return std::log(0.5 * normal(u, -1, 1) + 0.5 * normal(u, mean, narrow));
      };
      const LineDensity found = searched(log_density, kNodes);
      CHECK(std::fabs(found.log_mass) < 1e-7);
      const double u = found.place_of(0.6);
      CHECK(std::fabs(0.5 * normal_below(u, -1, 1) + 0.5 * normal_below(u, mean, narrow) - 0.6) <
            1e-7);
    }
  }

  TEST_CASE("long tails are followed, edges and kinks are found") {
    const auto cauchy = [](double u) { return -std::log(kPi * (1 + u * u)); };
    const LineDensity tails = searched(cauchy, kNodes);
    CHECK(std::fabs(tails.log_mass) < 1e-6);
    CHECK(tails.place_of(0.999) == doctest::Approx(std::tan(kPi * 0.499)).epsilon(1e-3));
    const auto box = [](double u) {
      return u > 0.1234 && u < 0.7 ? 0 : -std::numeric_limits<double>::infinity();
    };
    const LineDensity edges = searched(box, kNodes);
    CHECK(edges.accurate);
    CHECK(std::exp(edges.log_mass) == doctest::Approx(0.7 - 0.1234).epsilon(1e-5));
    CHECK(edges.place_of(0.5) == doctest::Approx((0.7 + 0.1234) / 2).epsilon(1e-4));
    const auto laplace = [](double u) { return -std::fabs(u - 0.111) / 0.01; };
    const LineDensity kink = searched(laplace, kNodes);
    CHECK(std::exp(kink.log_mass) == doctest::Approx(0.02).epsilon(1e-6));
    CHECK(kink.place_of(0.5) == doctest::Approx(0.111).epsilon(1e-6));
  }

  TEST_CASE("a closed line ends where it ends, and what has no mass is not known") {
    const auto cosine = [](double u) { return 2 * std::cos(2 * kPi * u); };
    const LineDensity found = searched(cosine, {-0.5, -0.2, 0.1, 0.5}, true);
    CHECK(found.panels.front().low == -0.5);
    CHECK(found.panels.back().high == 0.5);
    CHECK(std::exp(found.log_mass) == doctest::Approx(2.2795853023360673).epsilon(1e-9));
    CHECK(found.share_below(0) == doctest::Approx(0.5).epsilon(1e-9));
    const auto nothing = [](double) { return -std::numeric_limits<double>::infinity(); };
    CHECK(!searched(nothing, kNodes).known);
    const auto nan = [](double) { return std::numeric_limits<double>::quiet_NaN(); };
    CHECK(!searched(nan, kNodes).known);
  }
}
