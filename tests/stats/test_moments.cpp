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
