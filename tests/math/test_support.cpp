#include <doctest/doctest.h>

#include "nflow/error.h"
#include "train/supports.h"

using namespace nflow;
using namespace nflow::testing;

TEST_SUITE("math") {
  TEST_CASE("supports: texts are read and written, and others are refused") {
    for (const std::string text : {"REAL", "POSITIVE", "INTEGER", "[0,90]", "[-1.5,2e+20]",
                                   "CIRCULAR[0,360]", "CIRCULAR[-0.5,1e-05]"}) {
      CHECK(to_text(parse_support(text)) == text);
    }
    CHECK(to_text(parse_support("[0.0,1e0]")) == "[0,1]");
    for (const std::string text : {"",
                                   "real",
                                   "CIRCULAR",
                                   "CIRCULAR[",
                                   "CIRCULAR[1",
                                   "CIRCULAR[2,1]",
                                   "CIRCULAR[1,1]",
                                   "CIRCULAR 0,1]",
                                   "CIRCULAR,[0,1]",
                                   "CIRCULAR[0,x]",
                                   "circular[0,1]",
                                   "POSITIVE ",
                                   "[",
                                   "[]",
                                   "[0]",
                                   "[0,1",
                                   "[0,1)",
                                   "[1,0]",
                                   "[1,1]",
                                   "[0,x]",
                                   "[,1]",
                                   "[0,]",
                                   "[0,1,2]",
                                   "[nan,1]",
                                   "[0,inf]",
                                   "[-1e308,1e308]"}) {
      CAPTURE(text);
      CHECK_THROWS_AS(parse_support(text), UsageError);
    }
    CHECK(!any_bounded({}));
    CHECK(!any_bounded({kReal, kReal}));
    CHECK(any_bounded({kReal, kInteger}));
  }

  TEST_CASE("supports: what is in them") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(kReal.contains(-1e300));
    CHECK(kPositive.contains(1e-300));
    CHECK(!kPositive.contains(0));
    CHECK(!kPositive.contains(-1));
    CHECK(kInterval.contains(2));
    CHECK(kInterval.contains(5));
    CHECK(!kInterval.contains(1.999));
    CHECK(!kInterval.contains(5.001));
    CHECK(kInteger.contains(-3));
    CHECK(!kInteger.contains(0.5));
    CHECK(!kInteger.contains(1e17));
    CHECK(kCircular.contains(-90));
    CHECK(kCircular.contains(270));
    CHECK(!kCircular.contains(270.001));
    for (const Support& support : {kPositive, kInterval, kInteger, kCircular}) {
      CHECK(!support.contains(nan));
      CHECK(!support.contains(kInfinity));
      CHECK(!support.contains(-kInfinity));
    }
  }

  TEST_CASE("supports: to the line and back, with the slope of differences") {
    for (const double x : {1e-6, 0.003, 0.8, 2.5, 4.999, 70.0, 1e9}) {
      for (const Support& support : {kReal, kPositive, kInterval}) {
        if (!support.contains(x)) continue;
        CAPTURE(to_text(support));
        CAPTURE(x);
        const double u = support.to_line(x);
        CHECK(support.from_line(u) == doctest::Approx(x).epsilon(1e-13));
        const double step = 1e-6 * std::min(x, std::fabs(5 - x) + 1e-9);
        const double slope =
            (support.to_line(x + step) - support.to_line(x - step)) / ((x + step) - (x - step));
        CHECK(support.log_slope(x) == doctest::Approx(std::log(slope)).epsilon(1e-6));
      }
    }
    for (const double x : {-90.0, -89.5, 0.0, 1e-6, 269.0, 270.0}) {
      CHECK(kCircular.from_line(kCircular.to_line(x)) == doctest::Approx(x).epsilon(1e-12));
      CHECK(kCircular.log_slope(x) == doctest::Approx(-std::log(360)));
    }
    CHECK(kCircular.to_line(-90) == -0.5);
    CHECK(kCircular.to_line(180) == 0.25);
    CHECK(kCircular.to_line(270) == 0.5);
    for (const double k : {-1e15, -7.0, 0.0, 3.0, 1e15}) {
      CHECK(kInteger.from_line(kInteger.to_line(k)) == k);
      CHECK(kInteger.log_slope(k) == 0);
    }
    CHECK(!std::signbit(kInteger.from_line(-0.0)));
  }

  TEST_CASE("supports: extremes stay finite, and inside") {
    for (const Support& support : {kPositive, kInterval, kInteger, kCircular}) {
      CAPTURE(to_text(support));
      for (const double u : {-1e300, -1e4, -700.0, -40.0, 40.0, 700.0, 1e4, 1e300}) {
        const double x = support.from_line(u);
        CHECK(support.contains(x));
        CHECK(std::isfinite(support.to_line(x)));
        CHECK(std::isfinite(support.log_slope(x)));
      }
    }
    CHECK(std::isnan(kPositive.from_line(std::nan(""))));
    CHECK(std::isnan(kInterval.from_line(std::nan(""))));
    CHECK(std::isnan(kInteger.from_line(std::nan(""))));
    // The ends go where a point a millionth of the width inside goes.
    CHECK(kInterval.to_line(2) == doctest::Approx(kInterval.to_line(2 + 3e-6)));
    CHECK(kInterval.to_line(5) == doctest::Approx(-kInterval.to_line(2)));
    CHECK(kInterval.log_slope(5) == doctest::Approx(kInterval.log_slope(2 + 3e-6)));
  }
}
