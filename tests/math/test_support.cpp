#include <doctest/doctest.h>

#include <random>

#include "math/constants.h"
#include "nflow/error.h"
#include "nflow/front.h"
#include "nflow/windings.h"
#include "support_map.h"
#include "train/supports.h"

using namespace nflow;
using namespace nflow::testing;

TEST_SUITE("math") {
  TEST_CASE("supports: texts are read and written, and others are refused") {
    for (const std::string text :
         {"REAL", "POSITIVE", "INTEGER", "[0,90]", "[-1.5,2e+20]", "CIRCULAR[0,360]",
          "CIRCULAR[-0.5,1e-05]", "CIRCULAR[0,360,210.5]", "CIRCULAR[0,360,0]", "ASINH[0,1]",
          "ASINH[-3.5,1e-05]"}) {
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
                                   "CIRCULAR[0,1,2]",
                                   "CIRCULAR[0,1,]",
                                   "CIRCULAR[0,1,x]",
                                   "CIRCULAR[0,1,0.5,1]",
                                   "circular[0,1]",
                                   "POSITIVE ",
                                   "ASINH",
                                   "ASINH[",
                                   "ASINH[0]",
                                   "ASINH[0,]",
                                   "ASINH[0,0]",
                                   "ASINH[0,-1]",
                                   "ASINH[x,1]",
                                   "ASINH[0,inf]",
                                   "ASINH[0,1,2]",
                                   "ASINH(0,1)",
                                   "ASINH 0,1]",
                                   "ASINH[0,1]+{0}",
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
    for (const Support& support : {kPositive, kInterval, kInteger, kCircular, kArc, kAsinh}) {
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
    for (const double x : {-1e9, -4.0, 2.9, 3.0, 3.001, 7.0, 1e9}) {
      CAPTURE(x);
      const double u = kAsinh.to_line(x), step = 1e-6 * std::max(1e-3, std::fabs(x - 3));
      CHECK(kAsinh.from_line(u) == doctest::Approx(x).epsilon(1e-13));
      CHECK(u == doctest::Approx(std::asinh((x - 3) / 0.02)).epsilon(1e-13));
      const double slope =
          (kAsinh.to_line(x + step) - kAsinh.to_line(x - step)) / ((x + step) - (x - step));
      CHECK(kAsinh.log_slope(x) == doctest::Approx(std::log(slope)).epsilon(1e-6));
    }
    for (const double x : {-90.0, -89.5, 0.0, 1e-6, 269.0, 270.0}) {
      CHECK(kCircular.from_line(kCircular.to_line(x)) == doctest::Approx(x).epsilon(1e-12));
      CHECK(kCircular.log_slope(x) == doctest::Approx(-std::log(360)));
    }
    CHECK(kCircular.to_line(-90) == -0.5);
    CHECK(kCircular.to_line(180) == 0.25);
    CHECK(kCircular.to_line(270) == 0.5);
    for (const double x : {-90.0, -89.5, 0.0, 29.9, 30.1, 31.0, 200.0, 269.0, 270.0}) {
      CAPTURE(x);
      const double u = kArc.to_line(x);
      CHECK(kArc.from_line(u) == doctest::Approx(x < 270 ? x : -90).epsilon(1e-12));
      if (std::fabs(x - 90) > 179) continue;  // the ends of the circle are one point
      const double slope = (kArc.to_line(x + 1e-6) - kArc.to_line(x - 1e-6)) / 2e-6;
      CHECK(kArc.log_slope(x) == doctest::Approx(std::log(slope)).epsilon(1e-6));
    }
    // It goes round from the cut, through where the circle closes, and back to it.
    CHECK(kArc.to_line(-90) == kArc.to_line(270));
    CHECK(kArc.to_line(210) == doctest::Approx(0));
    CHECK(kArc.to_line(269) < kArc.to_line(-89));
    CHECK(kArc.to_line(31) < -5);
    CHECK(kArc.to_line(29) > 5);
    for (const double k : {-1e15, -7.0, 0.0, 3.0, 1e15}) {
      CHECK(kInteger.from_line(kInteger.to_line(k)) == k);
      CHECK(kInteger.log_slope(k) == 0);
    }
    CHECK(!std::signbit(kInteger.from_line(-0.0)));
  }

  TEST_CASE("supports: extremes stay finite, and inside") {
    const Support narrow = parse_support("ASINH[1e+300,1e-300]");
    for (const Support& support :
         {kPositive, kInterval, kInteger, kCircular, kArc, kAsinh, narrow}) {
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
    CHECK(std::isnan(kAsinh.from_line(std::nan(""))));
    CHECK(narrow.to_line(-1e308) == doctest::Approx(-std::log(2.0) - 608 * std::log(10.0)));
    CHECK(narrow.from_line(narrow.to_line(-1e308)) == doctest::Approx(-1e308).epsilon(1e-11));
    // The ends go where a point a millionth of the width inside goes.
    CHECK(kInterval.to_line(2) == doctest::Approx(kInterval.to_line(2 + 3e-6)));
    CHECK(kInterval.to_line(5) == doctest::Approx(-kInterval.to_line(2)));
    CHECK(kInterval.log_slope(5) == doctest::Approx(kInterval.log_slope(2 + 3e-6)));
  }

  TEST_CASE("supports: windings are read and told, and what is none is refused") {
    const Support support = parse_support("CIRCULAR[0,360]~[0,-2]");
    CHECK(support.kind == Support::Kind::circular);
    CHECK(support.winding == std::vector<int>{0, -2});
    CHECK(to_text(support) == "CIRCULAR[0,360]~[0,-2]");
    CHECK(any_winding({kReal, support}));
    CHECK_FALSE(any_winding({kReal, kCircular}));
    for (const char* wrong :
         {"CIRCULAR[0,360]~", "CIRCULAR[0,360]~[]", "CIRCULAR[0,360]~[1", "CIRCULAR[0,360]~[1,]",
          "CIRCULAR[0,360]~[1.5]", "CIRCULAR[0,360]~[17]", "CIRCULAR[0,360]~[1,0]",
          "CIRCULAR[0,360,90]~[1]", "CIRCULAR[0,360]~[1]x", "CIRCULAR[0,360]~[,1]",
          "CIRCULAR[0,360]~[;]", "CIRCULAR[0,360]~[;0]", "CIRCULAR[0,360]~[;65]",
          "CIRCULAR[0,360]~[1,;4]", "CIRCULAR[0,360]~[0;4]", "CIRCULAR[0,360]~[1;4;4]",
          "CIRCULAR[0,360,90]~[;4]", "CIRCULAR[0,360]~[;4"}) {
      CAPTURE(wrong);
      CHECK_THROWS_AS(parse_support(wrong), UsageError);
    }
    const Support once = parse_support("CIRCULAR[0,360]~[1]");
    CHECK(front_of({kCircular, kReal, once}, {}).windings.size() == 2);
    CHECK_THROWS_AS(front_of({kReal, once, kCircular}, {}), Error);  // with itself
    // About a later circle, which stands before it in the chain.
    const Support early = parse_support("CIRCULAR[0,360]~[0,-2]");
    const std::vector<Support> turned{early, kReal, kCircular};
    CHECK(any_early_winding(turned));
    CHECK_FALSE(any_early_winding({kCircular, kReal, once}));
    CHECK(chain_order(turned, 3) == std::vector<Index>{2, 0, 1});
    CHECK(front_of(turned, {}).windings == std::vector<std::vector<int>>{{}, {-2}});
    CHECK_THROWS_AS(front_of({early, kReal, once}, {}), Error);  // with each other
    CHECK_THROWS_AS(front_of({early, kReal}, {}), Error);        // with none
  }

  TEST_CASE("supports: drifts are read and told") {
    const Support alone = parse_support("CIRCULAR[0,360]~[;4]");
    CHECK(alone.winding.empty());
    CHECK(alone.waves == 4);
    CHECK(to_text(alone) == "CIRCULAR[0,360]~[;4]");
    const Support both = parse_support("CIRCULAR[0,360]~[0,1;16]");
    CHECK(both.winding == std::vector<int>{0, 1});
    CHECK(both.waves == 16);
    CHECK(to_text(both) == "CIRCULAR[0,360]~[0,1;16]");
    CHECK(any_drift({kReal, alone}));
    CHECK_FALSE(any_drift({kReal, kCircular}));
    CHECK(front_of({alone, kReal, kCircular}, {}).waves == std::vector<Index>{4, 0});
    CHECK_THROWS_AS(front_of({alone, both}, {}), Error);
  }

  TEST_CASE("supports: angles that follow others round are unwound") {
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0, 360);
    const auto round = [](double x) { return x - 360 * std::floor(x / 360); };
    Dataset data{RowMatrix(800, 6), {}};
    for (Index r = 0; r < 800; ++r) {
      const double a = uniform(random), b = uniform(random), bent = 30 * std::sin(a * kPi / 180);
      data.x.row(r) << a, b, round(2 * a + 5 * normal(random)), normal(random),
          round(a - b + 3 * normal(random)), round(b + bent + normal(random));
    }
    const Support angle = parse_support("CIRCULAR[0,360]");
    const std::vector<Support> supports{angle, angle, angle, kReal, angle, angle};
    std::vector<std::string> found;
    for (const Support& s : choose_windings(data, supports)) found.push_back(to_text(s));
    CHECK(found == std::vector<std::string>{"CIRCULAR[0,360]", "CIRCULAR[0,360]",
                                            "CIRCULAR[0,360]~[2]", "REAL", "CIRCULAR[0,360]~[1,-1]",
                                            "CIRCULAR[0,360]~[0,1]"});
    std::vector<Support> given = supports;
    given[2].winding = {1};
    CHECK(to_text(choose_windings(data, given)[2]) == "CIRCULAR[0,360]~[1]");
    // The half of an angle stands in two places by the angle, which goes round twice with it.
    Dataset half = data;
    half.x.col(0).swap(half.x.col(2));
    const std::vector<Support> turned = choose_windings(half, {angle, kReal, angle});
    CHECK(to_text(turned[0]) == "CIRCULAR[0,360]~[0,2]");
    CHECK(to_text(turned[2]) == "CIRCULAR[0,360]");
    // Rows of weight 0 do not count, and few tell nothing.
    data.weights.assign(800, 0);
    CHECK_FALSE(any_winding(choose_windings(data, supports)));
    data.weights.clear();
    data.x = RowMatrix(data.x.topRows(40));
    CHECK_FALSE(any_winding(choose_windings(data, supports)));
  }

  TEST_CASE("supports: angles that stand where others say have a drift") {
    std::mt19937 random(4);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0, 360);
    const auto round = [](double x) { return x - 360 * std::floor(x / 360); };
    Dataset data{RowMatrix(800, 3), RowMatrix(800, 1)};
    for (Index r = 0; r < 800; ++r) {
      const double a = uniform(random), bent = 40 * std::sin(a * kPi / 180), t = normal(random);
      data.x.row(r) << a, round(a + bent + normal(random)), uniform(random);
      data.context(r, 0) = 5 + 100 * t;
    }
    const Support angle = parse_support("CIRCULAR[0,360]");
    std::vector<Support> found =
        choose_drifts(data, {angle, parse_support("CIRCULAR[0,360]~[1]"), angle});
    CHECK(found[0].waves == 0);
    CHECK(found[1].waves > 0);
    CHECK(found[2].waves == 0);
    for (Index r = 0; r < 800; ++r) {
      data.x(r, 0) = round(2 * data.context(r, 0) + 5 * normal(random));
    }
    found = choose_drifts(data, {angle, kReal, angle});
    CHECK(found[0].waves > 0);
    CHECK(found[2].waves == 0);
    // What stands in two places opposite to each other has no mean.
    for (Index r = 0; r < 800; ++r) {
      data.x(r, 2) = round(data.x(r, 0) / 2 + (r % 3 == 0 ? 180 : 0));
      data.context(r, 0) = 0;
    }
    found = choose_drifts(data, {angle, kReal, angle});
    CHECK_FALSE(any_drift(found));
    data.x = RowMatrix(data.x.topRows(80));
    data.context = RowMatrix(data.context.topRows(80));
    CHECK_FALSE(any_drift(choose_drifts(data, {angle, angle, angle})));
  }

  TEST_CASE("supports: a circle is cut open opposite to a narrow direction, and only then") {
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    RowMatrix rows(500, 4);
    for (Index r = 0; r < 500; ++r) {
      const auto round = [](double x) { return x - 360 * std::floor((x + 90) / 360); };
      rows.row(r) << round(-85 + 0.01 * normal(random)), round(10 + 25 * normal(random)),
          round(60 + 90 * normal(random)), round(double(r % 2) * 180 + normal(random));
    }
    const Support narrow = cut_open(kCircular, rows, 0), medium = cut_open(kCircular, rows, 1);
    REQUIRE(narrow.kind == Support::Kind::arc);
    CHECK(narrow.cut == doctest::Approx(95).epsilon(0.01));
    REQUIRE(medium.kind == Support::Kind::arc);
    CHECK(medium.cut == doctest::Approx(190).epsilon(0.02));
    CHECK(cut_open(kCircular, rows, 2).kind == Support::Kind::circular);
    CHECK(cut_open(kCircular, rows, 3).kind == Support::Kind::circular);
    CHECK(cut_open(kReal, rows, 0).kind == Support::Kind::real);
    rows(7, 0) = 95;  // one row where it would be cut
    CHECK(cut_open(kCircular, rows, 0).kind == Support::Kind::circular);
    std::vector<double> weights(500, 1);
    weights[7] = 0;
    CHECK(cut_open(kCircular, rows, 0, weights).kind == Support::Kind::arc);
  }
}
