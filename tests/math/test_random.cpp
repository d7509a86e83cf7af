#include <doctest/doctest.h>

#include <cmath>

#include "math/constraint.h"
#include "math/random.h"

using namespace nflow;

TEST_SUITE("math") {
  TEST_CASE("numbers are a function of seed, purpose and place") {
    const Random one(1, Purpose::sample), two(2, Purpose::sample), other(1, Purpose::shuffle);
    CHECK(one.bits(5, 7) == one.bits(5, 7));
    CHECK(one.bits(5, 7) != one.bits(5, 8));
    CHECK(one.bits(5, 7) != one.bits(6, 7));
    CHECK(one.bits(5, 7) != two.bits(5, 7));
    CHECK(one.bits(5, 7) != other.bits(5, 7));
    CHECK(one.bits(std::uint64_t{1} << 40, 0) != one.bits(0, 0));
  }

  TEST_CASE("uniform and normal numbers have their moments and tails") {
    const Random random(11, Purpose::sample);
    double sum = 0, squares = 0, fourth = 0, uniform = 0;
    int beyond = 0;
    constexpr int n = 200000;
    for (int i = 0; i < n; ++i) {
      const auto pair = random.normal_pair(i, 0);
      for (double z : pair) {
        sum += z;
        squares += z * z;
        fourth += z * z * z * z;
        beyond += std::fabs(z) > 3;
      }
      const double u = random.uniform(i, 1);
      CHECK((u >= 0 && u < 1));
      uniform += u;
    }
    CHECK(std::fabs(sum / (2 * n)) < 5 / std::sqrt(2.0 * n));
    CHECK(squares / (2 * n) == doctest::Approx(1).epsilon(0.01));
    CHECK(fourth / (2 * n) == doctest::Approx(3).epsilon(0.03));
    CHECK(beyond / (2.0 * n) == doctest::Approx(0.0027).epsilon(0.15));
    CHECK(uniform / n == doctest::Approx(0.5).epsilon(0.01));
  }

  TEST_CASE("below(n) reaches all and nothing else") {
    const Random random(3, Purpose::shuffle);
    int counts[7] = {};
    for (int i = 0; i < 7000; ++i) ++counts[random.below(7, i, 0)];
    for (int c : counts) CHECK((c > 850 && c < 1150));
  }

  TEST_CASE("the constraint passes through 0, stays above -1 and knows its slope") {
    CHECK(AboveMinusOne{0}.value == doctest::Approx(0));
    CHECK(AboveMinusOne{-800}.value > -1);
    CHECK(AboveMinusOne{800}.value == doctest::Approx(800).epsilon(1e-2));
    for (double a : {-30.0, -2.0, 0.0, 0.7, 5.0, 90.0}) {
      const double step = 1e-6;
      const double slope =
          (AboveMinusOne{a + step}.value - AboveMinusOne{a - step}.value) / (2 * step);
      CHECK(AboveMinusOne{a}.slope == doctest::Approx(slope).epsilon(1e-6));
    }
  }
}
