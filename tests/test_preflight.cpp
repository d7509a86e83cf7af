#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "nflow/gaussian.h"
#include "nflow/mean_estimate.h"
#include "nflow/preflight.h"

using namespace nflow;

namespace {

/// Independent normal columns, each in a unit of its own.
Dataset normal_rows(Index rows, Index columns, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data;
  data.x.resize(rows, columns);
  data.context.resize(rows, 0);
  for (Index r = 0; r < rows; ++r) {
    for (Index j = 0; j < columns; ++j) {
      data.x(r, j) = std::pow(10.0, double(j % 7) - 3) * (normal(random) + 5);
    }
  }
  return data;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("independent columns pass the preflight") {
    const Preflight found = inspect(normal_rows(500, 12));
    CHECK(found.exact.empty());
    CHECK(found.near.empty());
    CHECK(found.spikes.empty());
    CHECK(found.repeated == 0);
  }

  TEST_CASE("a few values far from all others are found, in columns and context") {
    Dataset data = normal_rows(2000, 3);
    data.context = data.x.leftCols(1);
    data.context(5, 0) = -1e9;
    data.context(6, 0) = 1e8;
    data.x(7, 2) = 1e12;
    const Preflight found = inspect(data);
    REQUIRE(found.far_out.size() == 2);
    CHECK(found.far_out[0].column == 0);
    CHECK(found.far_out[0].rows == 2);
    CHECK(found.far_out[0].value == -1e9);
    CHECK(found.far_out[1].column == 3);
    CHECK(inspect(normal_rows(2000, 3)).far_out.empty());
  }

  TEST_CASE("a linear combination is found with its slopes") {
    Dataset data = normal_rows(3000, 5);
    data.x.col(4) = (2 * data.x.col(1) - 300 * data.x.col(0)).array() + 7;
    const Preflight found = inspect(data);
    REQUIRE(found.exact.size() == 1);
    const Dependence& d = found.exact[0];
    CHECK(d.column == 4);
    REQUIRE(d.terms.size() == 2);
    CHECK(d.terms[0].column == 0);
    CHECK(d.terms[0].slope == doctest::Approx(-300));
    CHECK(d.terms[1].slope == doctest::Approx(2));
    CHECK(d.intercept == doctest::Approx(7));
    CHECK(d.residual < 1e-9);
  }

  TEST_CASE("each of several dependent columns is found, and no other") {
    Dataset data = normal_rows(2000, 9);
    data.x.col(2) = data.x.col(0);
    data.x.col(5) = (1.8 * data.x.col(1)).array() + 32;
    data.x.col(8) = data.x.col(2) + data.x.col(5) - data.x.col(7);
    const Preflight found = inspect(data);
    REQUIRE(found.exact.size() == 3);
    CHECK(found.exact[0].column == 2);
    CHECK(found.exact[0].intercept == 0);
    CHECK(found.exact[1].column == 5);
    CHECK(found.exact[2].column == 8);
    CHECK(found.near.empty());
  }

  TEST_CASE("rounding and noise: residuals are told to a digit, down to 1e-7") {
    for (const double noise : {3e-8, 1e-7, 5e-6, 3e-4, 1e-2}) {
      CAPTURE(noise);
      Dataset data = normal_rows(4000, 4);
      const Dataset other = normal_rows(4000, 1, 2);
      const auto deviation = [](const auto& c) {
        return std::sqrt((c.array() - c.mean()).square().mean());
      };
      data.x.col(3) = data.x.col(0) * 1e5 + data.x.col(2);
      const double scale = noise * deviation(data.x.col(3)) / deviation(other.x.col(0));
      data.x.col(3) += scale * (other.x.col(0).array() - other.x.col(0).mean()).matrix();
      const Preflight found = inspect(data);
      CHECK(found.exact.size() == (noise < 1e-6 ? 1 : 0));
      CHECK(found.near.size() == (noise > 1e-6 && noise < 1e-3 ? 1 : 0));
      for (const auto* list : {&found.exact, &found.near}) {
        for (const Dependence& d : *list) CHECK(d.residual == doctest::Approx(noise).epsilon(0.1));
      }
    }
  }

  TEST_CASE("columns that follow from the context are dependent; context columns may be") {
    Dataset data = normal_rows(300, 3);
    data.context.resize(300, 2);
    data.context.col(0) = data.x.col(2) * 3;
    data.context.col(1) = data.context.col(0);
    const Preflight found = inspect(data);
    REQUIRE(found.exact.size() == 1);
    CHECK(found.exact[0].column == 4);
    CHECK(found.exact[0].terms.at(0).column == 0);
    CHECK(found.exact[0].terms.at(0).slope == doctest::Approx(1.0 / 3));
  }

  TEST_CASE("spikes and repeated rows are counted") {
    Dataset data = normal_rows(1000, 2);
    for (Index r = 0; r < 1000; r += 5) data.x(r, 1) = -0.0;
    for (Index r = 1; r < 100; r += 10) data.x(r - 1, 1) = 0.0;
    for (Index r = 900; r < 1000; ++r) data.x.row(r) = data.x.row(1);
    const Preflight found = inspect(data);
    REQUIRE(found.spikes.size() == 2);
    CHECK(found.spikes[0].column == 0);
    CHECK(found.spikes[0].share == doctest::Approx(0.101));
    CHECK(found.spikes[1].value == 0);
    CHECK(found.spikes[1].share == doctest::Approx(0.18));
    CHECK(found.repeated == doctest::Approx(0.1));
  }

  TEST_CASE("a long tail is a positive one that the logarithm takes away") {
    const Index n = 500;
    const Dataset normal = normal_rows(n, 1);
    RowMatrix x(n, 4);
    for (Index r = 0; r < n; ++r) {
      const double z = normal.x(r, 0) / 1e-3 - 5;
      x.row(r) << 1e300 * std::exp(z), std::exp(z) - 0.001, 1e-300 * (z + 10), std::exp(z / 4);
    }
    CHECK(has_long_tail(x, 0));
    CHECK(has_long_tail(x, 1));
    x(0, 1) = -1;
    for (const Index column : {1, 2, 3}) CHECK_FALSE(has_long_tail(x, column));
  }

  TEST_CASE("few rows are no dependence") {
    CHECK(inspect(normal_rows(5, 5)).exact.empty());
    CHECK(inspect(normal_rows(6, 5)).exact.empty());
    CHECK(inspect(normal_rows(40, 5)).exact.empty());
  }

  TEST_CASE("the fitted normal density has the entropy of its rows, in their units") {
    const Dataset data = normal_rows(20000, 3), fresh = normal_rows(20000, 3, 2);
    double exact = 0;
    for (int j = 0; j < 3; ++j) exact -= 0.5 * std::log(2 * M_PI) + 0.5 + (j - 3) * std::log(10.0);
    const MeanEstimate mean = estimate_mean(Gaussian(data).log_prob(fresh), {});
    CHECK(std::fabs(mean.mean - exact) < 4 * mean.error);
    CHECK(mean.error == doctest::Approx(std::sqrt(1.5 / 20000)).epsilon(0.05));
  }

  TEST_CASE("the normal density given a context is the difference of two") {
    Dataset joint = normal_rows(2000, 3);
    joint.x.col(2) += 1e4 * joint.x.col(0);
    Dataset given = joint, context = joint;
    given.x = joint.x.rightCols(2);
    given.context = joint.x.leftCols(1);
    context.x = joint.x.leftCols(1);
    const auto all = Gaussian(joint).log_prob(joint), c = Gaussian(context).log_prob(context);
    const auto conditional = Gaussian(given).log_prob(given);
    for (std::size_t i = 0; i < 2000; i += 97) {
      CHECK(conditional[i] == doctest::Approx(all[i] - c[i]).epsilon(1e-6));
    }
  }

  TEST_CASE("a normal density of collinear columns, or of few rows, is finite; weights count") {
    Dataset data = normal_rows(50, 4);
    data.x.col(3) = data.x.col(2);
    for (const double value : Gaussian(data).log_prob(data)) CHECK(std::isfinite(value));
    const Dataset few = normal_rows(3, 6), others = normal_rows(9, 6, 2);
    for (const double value : Gaussian(few).log_prob(others)) {
      CHECK(std::isfinite(value));
    }
    Dataset twice = normal_rows(100, 2), weighted = twice;
    weighted.weights.assign(100, 1);
    for (Index r = 50; r < 100; ++r) {
      twice.x.row(r) = twice.x.row(r - 50);
      weighted.weights[static_cast<std::size_t>(r)] = 0;
    }
    const Dataset some = normal_rows(5, 2, 3);
    const auto a = Gaussian(twice).log_prob(some), b = Gaussian(weighted).log_prob(some);
    for (std::size_t i = 0; i < 5; ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-9));
  }
}
