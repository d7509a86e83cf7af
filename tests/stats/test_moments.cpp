#include <doctest/doctest.h>

#include <cmath>

#include "stats/moments.h"

using namespace nflow;

TEST_SUITE("stats") {
  TEST_CASE("moments are those of numbers of any size, by weights too") {
    for (const double scale : {1e-300, 1.0, 1e307}) {
      CAPTURE(scale);
      RowMatrix rows(4, 2);
      rows.col(0).setConstant(scale);
      rows.col(1) << scale, -2 * scale, 3 * scale, -4 * scale;
      const Moments m = moments(rows, 1);
      CHECK(m.unit * m.mean == doctest::Approx(-0.5 * scale));
      CHECK(m.unit * m.deviation == doctest::Approx(std::sqrt(7.25) * scale));
      CHECK(moments(rows, 0).deviation == 0);
      const Moments two = moments(rows, 1, {2, 2, 0, 0});
      CHECK(two.unit * two.mean == doctest::Approx(-0.5 * scale));
      CHECK(two.unit * two.deviation == doctest::Approx(1.5 * scale));
    }
  }

  TEST_CASE("deviations keep their digits however far from 0 the numbers are") {
    for (const double offset : {0.0, 1e6, 1e12}) {
      CAPTURE(offset);
      RowMatrix rows(1000, 1);
      for (Index r = 0; r < 1000; ++r) rows(r, 0) = offset + double(r % 10) / 8;  // exact
      const Moments m = moments(rows, 0);
      CHECK(m.unit * m.mean - offset == doctest::Approx(0.5625).epsilon(1e-3));
      CHECK(m.unit * m.deviation == doctest::Approx(std::sqrt(8.25) / 8).epsilon(1e-10));
    }
  }

  TEST_CASE("a few numbers far out are none of the bulk, and other long tails are") {
    RowMatrix rows(1000, 2);
    for (Index r = 0; r < 1000; ++r) {
      rows(r, 0) = double(r % 100);
      rows(r, 1) = std::exp(double(r % 100) / 20);  // skewed, but of one piece
    }
    const Moments before = bulk_moments(rows, 0), tail = bulk_moments(rows, 1);
    CHECK(before.deviation == moments(rows, 0).deviation);
    CHECK(tail.deviation == moments(rows, 1).deviation);
    rows(0, 0) = 1e9;
    rows(500, 0) = -1e12;
    const Moments bulk = bulk_moments(rows, 0);
    CHECK(bulk.unit * bulk.deviation == doctest::Approx(28.87).epsilon(0.01));
    CHECK(bulk.unit * bulk.mean == doctest::Approx(49.5).epsilon(0.01));
    CHECK(bulk_range(rows, 0).low == 0);
    CHECK(bulk_range(rows, 0).high == 99);
    // Where nearly all numbers are one, what is left tells nothing of a bulk.
    RowMatrix spike = RowMatrix::Zero(1000, 1);
    spike(3, 0) = 1;
    CHECK(bulk_moments(spike, 0).deviation == moments(spike, 0).deviation);
  }

  TEST_CASE("skewness is that of the numbers") {
    Eigen::ArrayXd numbers(4);
    numbers << 0, 0, 0, 1;  // deviation sqrt(3) / 4, mean cube 6 / 64
    CHECK(skewness(numbers) == doctest::Approx(2 / std::sqrt(3)));
    CHECK(skewness(-numbers) == doctest::Approx(-2 / std::sqrt(3)));
    numbers << 1, 2, 3, 4;
    CHECK(skewness(numbers) == doctest::Approx(0));
    CHECK(skewness(Eigen::ArrayXd::Constant(3, 7.0)) == 0);
  }
}
