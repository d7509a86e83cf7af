#include <doctest/doctest.h>

#include <cmath>

#include "math/cubature.h"

using namespace nflow;

namespace {

/// f of each row.
template <class F>
BatchFunction each_row(const F& f) {
  return [f](const RowMatrix& points) {
    std::vector<double> values;
    for (Index i = 0; i < points.rows(); ++i) values.push_back(f(points.row(i)));
    return values;
  };
}

}  // namespace

TEST_SUITE("math") {
  TEST_CASE("the rule is exact for polynomials, over boxes of one and two dimensions") {
    const auto cube = each_row([](const auto& x) { return x(0) * x(0) * x(0) + 1; });
    CHECK(integrate(cube, {{0, 0.3, 2}}, 1e-9, 1000).value == doctest::Approx(6));
    const auto mixed = each_row([](const auto& x) { return x(0) * x(0) * std::pow(x(1), 9); });
    const Integral both = integrate(mixed, {{0, 3}, {0, 0.5, 1}}, 1e-3, 10000);
    CHECK(both.value == doctest::Approx(0.9));
  }

  TEST_CASE("narrow peaks and kinks are found, and the error is no more than told") {
    // A peak of mass 1 and width 0.001, off any edge, and a ridge across the box.
    const auto peak = each_row([](const auto& x) {
      const double a = (x(0) - 0.3217) / 1e-3, b = (x(1) - 0.7131) / 1e-3;
      return std::exp(-0.5 * (a * a + b * b)) / (2 * 3.14159265358979323846 * 1e-6);
    });
    const std::vector<std::vector<double>> edges{{0, 0.3, 0.34, 1}, {0, 0.69, 0.73, 1}};
    const Integral mass = integrate(peak, edges, 1e-6, 200000);
    CHECK(mass.error <= 1e-6);
    CHECK(std::fabs(mass.value - 1) < 1e-6);
    const auto kink = each_row([](const auto& x) { return std::fabs(x(0) + x(1) - 0.9); });
    const Integral ridge = integrate(kink, {{0, 1}, {0, 1}}, 1e-4, 200000);
    // 2 (0.9^3 / 6) below the ridge and, by symmetry of the square, the mean of x + y - 0.9 above.
    const double expected = 2 * std::pow(0.9, 3) / 6 + 0.1;
    CHECK(std::fabs(ridge.value - expected) <= std::fmax(ridge.error, 1e-9));
    CHECK(ridge.error <= 1e-4);
  }

  TEST_CASE("the number of points is bounded") {
    Index points = 0;
    const BatchFunction noise = [&](const RowMatrix& x) {
      points += x.rows();
      std::vector<double> values;
      for (Index i = 0; i < x.rows(); ++i) values.push_back(std::sin(1e7 * x(i, 0)));
      return values;
    };
    const Integral integral = integrate(noise, {{0, 1}}, 1e-12, 2000);
    CHECK(integral.error > 1e-12);
    CHECK(points < 4000);
  }

  TEST_CASE("a function without value somewhere has no integral, and an end is made") {
    const auto root = each_row([](const auto& x) { return std::sqrt(x(0)); });
    CHECK(std::isnan(integrate(root, {{-1, 1}}, 1e-6, 1000).value));
    const auto pole = each_row([](const auto& x) { return 1 / std::fabs(x(0)); });
    CHECK(!(integrate(pole, {{-1, 1}}, 1e-6, 1000).error < 1e-6));
  }
}
