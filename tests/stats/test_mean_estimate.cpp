#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "nflow/mean_estimate.h"

using namespace nflow;

TEST_SUITE("stats") {
  TEST_CASE("a mean's standard error, by weights too") {
    const MeanEstimate plain = estimate_mean({1, 2, 3, 4}, {});
    CHECK(plain.mean == 2.5);
    CHECK(plain.error == doctest::Approx(std::sqrt(5.0 / 3 / 4)));
    const MeanEstimate same = estimate_mean({1, 2, 3, 4}, {5, 5, 5, 5});
    CHECK(same.error == doctest::Approx(plain.error));
    CHECK(estimate_mean({1, 9}, {3, 1}).mean == 3);
    CHECK(std::isnan(estimate_mean({1}, {}).error));
  }

  TEST_CASE("weights of any size: their ratios alone count") {
    const std::vector<double> values{1, 2.5, -7, 4};
    const MeanEstimate usual = estimate_mean(values, {1, 3, 2, 5});
    for (const int e : {-1074, -700, -3, 8, 600, 1021}) {
      CAPTURE(e);
      const double unit = std::ldexp(1, e);
      const MeanEstimate scaled = estimate_mean(values, {unit, 3 * unit, 2 * unit, 5 * unit});
      CHECK(scaled.mean == usual.mean);
      CHECK(scaled.error == usual.error);
    }
    const MeanEstimate wide = estimate_mean({3, 5}, {1e-320, 1e300});
    CHECK(wide.mean == 5);
    CHECK(wide.error == doctest::Approx(0));
  }

  TEST_CASE("a value of weight 0 counts as if it were not there") {
    const double infinity = std::numeric_limits<double>::infinity();
    const MeanEstimate without = estimate_mean({1, 2, 4}, {1, 1, 2});
    const MeanEstimate with = estimate_mean({1, -infinity, 2, 4}, {1, 0, 1, 2});
    CHECK(with.mean == without.mean);
    CHECK(with.error == without.error);
    CHECK(std::isnan(estimate_mean({1, 2}, {0, 1}).error));
  }

  TEST_CASE("ahead is a mean that is above by so many standard errors of the difference") {
    // Differences 1, 2, 3: mean 2, standard error 1 / sqrt 3.
    const std::vector<double> low{10, -5, 0}, high{11, -3, 3};
    CHECK(is_ahead(high, low, {}, 3.4));
    CHECK_FALSE(is_ahead(high, low, {}, 3.5));
    CHECK_FALSE(is_ahead(low, high, {}, 0));
    CHECK_FALSE(is_ahead(low, low, {}, 0));
    // With all weight on one row there is no error, and the sign decides.
    CHECK(is_ahead(high, low, {0, 1, 0}, 100));
    CHECK_FALSE(is_ahead({1}, {2}, {}, 0));
  }
}
