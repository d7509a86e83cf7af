#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "nflow/csv.h"
#include "nflow/digits.h"

using nflow::number_text;
using nflow::to_significant;

TEST_SUITE("io") {
  TEST_CASE("significant digits: the nearest number of so many") {
    CHECK(number_text(to_significant(3.14159265358979, 3)) == "3.14");
    CHECK(number_text(to_significant(-0.000123456, 2)) == "-0.00012");
    CHECK(number_text(to_significant(9.996, 3)) == "10");
    CHECK(number_text(to_significant(123456, 1)) == "1e+05");
    CHECK(to_significant(0, 5) == 0);
    CHECK(to_significant(0.1, 17) == 0.1);
    CHECK(to_significant(1.0 / 3, 17) == 1.0 / 3);
  }

  TEST_CASE("significant digits: what would not be finite, or is not, stays") {
    const double most = std::numeric_limits<double>::max();
    CHECK(to_significant(most, 1) == most);
    CHECK(to_significant(-most, 2) == -most);
    CHECK(to_significant(INFINITY, 3) == INFINITY);
    CHECK(std::isnan(to_significant(NAN, 3)));
    const double least = std::numeric_limits<double>::denorm_min();
    CHECK(to_significant(least, 1) == least);
  }
}
