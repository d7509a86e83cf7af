#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>

#include "nflow/scales.h"
#include "train/supports.h"

using namespace nflow;
using namespace nflow::testing;

// Scales on which numbers look normal, and the choice whether a table is to have them.

namespace {

/// Rows of independent numbers, each a function of a normal one.
Dataset drawn(Index rows, Index columns, unsigned seed,
              const std::function<double(double)>& from_normal) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data{RowMatrix(rows, columns), RowMatrix(rows, 0)};
  for (double& x : data.x.reshaped()) x = from_normal(normal(random));
  return data;
}

std::vector<double> column(const Dataset& data, Index j) {
  return {data.x.col(j).begin(), data.x.col(j).end()};
}

std::vector<Support> chosen(const Dataset& data) {
  return choose_scales(data, {}, std::vector<bool>(static_cast<std::size_t>(data.x.cols()), true),
                       {0, 2});
}

double lognormal(double z) { return std::exp(1.5 * z); }
double same(double z) { return z; }

/// Mean log density of the scaled numbers as normal ones, in the numbers' own units.
double scaled_log_density(const std::vector<double>& x, const Support& scale) {
  double mean = 0, square = 0, slope = 0;
  const auto n = static_cast<double>(x.size());
  for (const double value : x) mean += scale.to_line(value) / n;
  for (const double value : x) {
    square += std::pow(scale.to_line(value) - mean, 2) / n;
    slope += scale.log_slope(value) / n;
  }
  return slope - 0.5 * std::log(2 * 3.14159265358979323846 * square) - 0.5;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("a scale makes numbers normal that are a function of normal ones") {
    struct Law {
      const char* name;
      std::function<double(double)> from_normal;
      std::function<double(double)> log_slope;  // of the number by the normal one
    };
    const Law laws[] = {
        {"log-normal", lognormal, [](double z) { return std::log(1.5) + 1.5 * z; }},
        {"Johnson's", [](double z) { return 1e6 + 50 * std::sinh(1.2 * z - 0.5); },
         [](double z) { return std::log(60.0) + std::log(std::cosh(1.2 * z - 0.5)); }},
        {"its mirror image", [](double z) { return -1e-9 * std::exp(z); },
         [](double z) { return std::log(1e-9) + z; }}};
    for (const Law& law : laws) {
      CAPTURE(law.name);
      const Dataset numbers = drawn(4000, 1, 1, law.from_normal);
      const Dataset normals = drawn(4000, 1, 1, same);
      const std::optional<Support> scale = fit_scale(column(numbers, 0));
      REQUIRE(scale);
      double truth = -0.5 * std::log(2 * 3.14159265358979323846);
      for (const double z : normals.x.reshaped()) {
        truth -= (0.5 * z * z + law.log_slope(z)) / 4000;
      }
      CHECK(scaled_log_density(column(numbers, 0), *scale) > truth - 0.005);
      CHECK(to_text(parse_support(to_text(*scale))) == to_text(*scale));
    }
  }

  TEST_CASE("numbers that gain nothing, are few or often the same have none") {
    CHECK_FALSE(fit_scale(column(drawn(4000, 1, 1, same), 0)));
    CHECK_FALSE(fit_scale(column(drawn(4000, 1, 1, [](double z) { return std::tanh(z); }), 0)));
    CHECK_FALSE(fit_scale(column(drawn(400, 1, 1, lognormal), 0)));
    CHECK_FALSE(fit_scale(
        column(drawn(4000, 1, 1, [](double z) { return z < 0 ? 0 : std::exp(3 * z); }), 0)));
    CHECK_FALSE(fit_scale(std::vector<double>(4000, 2.5)));
    CHECK_FALSE(fit_scale({}));
  }

  TEST_CASE("a table has scales where rows held out are likelier with them") {
    const std::vector<Support> skewed = chosen(drawn(3000, 2, 1, lognormal));
    REQUIRE(skewed.size() == 2);
    CHECK(skewed[0].kind == Support::Kind::asinh);
    CHECK(skewed[1].kind == Support::Kind::asinh);

    CHECK_FALSE(any_bounded(chosen(drawn(3000, 2, 1, same))));

    // Each column is long-tailed, and both are so together: a mixture knows it, scales do not.
    Dataset together = drawn(3000, 6, 1, same);
    const Dataset sizes = drawn(3000, 1, 2, [](double z) { return std::exp(0.8 * z); });
    for (Index r = 0; r < 3000; ++r) together.x.row(r) *= sizes.x(r, 0);
    CHECK(fit_scale(column(together, 0)));
    CHECK_FALSE(any_bounded(chosen(together)));
  }

  TEST_CASE("a wide table is judged by some of its columns, and all have their scales") {
    Dataset wide = drawn(600, 150, 1, lognormal);
    wide.x.leftCols(20) = drawn(600, 20, 2, same).x;
    const std::vector<Support> found = chosen(wide);
    REQUIRE(found.size() == 150);
    int scaled = 0;
    for (std::size_t j = 0; j < found.size(); ++j) {
      scaled += found[j].kind == Support::Kind::asinh ? 1 : 0;
      if (j < 20) CHECK(found[j].kind == Support::Kind::real);
    }
    CHECK(scaled == 130);
  }

  TEST_CASE("columns that are not free, or have a support, keep theirs") {
    const Dataset data = drawn(3000, 3, 1, lognormal);
    const std::vector<Support> supports{kPositive, kReal, kReal};
    const std::vector<Support> found = choose_scales(data, supports, {true, false, true}, {0, 2});
    REQUIRE(found.size() == 3);
    CHECK(to_text(found[0]) == "POSITIVE");
    CHECK(to_text(found[1]) == "REAL");
    CHECK(found[2].kind == Support::Kind::asinh);
  }

  TEST_CASE("rows count by their weights in a scale") {
    Dataset data = drawn(3000, 1, 1, lognormal);
    data.weights.assign(3000, 1);
    const std::vector<Support> all = chosen(data);
    const Dataset others = drawn(3000, 1, 2, [](double z) { return 1000 + z; });
    data.x.conservativeResize(6000, 1);
    data.x.bottomRows(3000) = others.x;
    data.context.resize(6000, 0);
    data.weights.resize(6000, 0);
    const std::vector<Support> weighted = chosen(data);
    REQUIRE(weighted.size() == 1);
    CHECK(to_text(weighted[0]) == to_text(all[0]));
  }
}
