#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "nflow/summary.h"

using namespace nflow;

namespace {

Summary summary_of(const std::vector<double>& numbers) {
  Summary summary;
  for (const double number : numbers) summary.add(number);
  return summary;
}

}  // namespace

TEST_SUITE("stats") {
  TEST_CASE("a stream's mean and error are those of its numbers, far from 0 too") {
    for (const double offset : {0.0, 1e9}) {
      std::vector<double> numbers;
      for (int i = 0; i < 100; ++i) numbers.push_back(offset + (i * 37 % 100) / 8.0);
      const Summary summary = summary_of(numbers);
      const MeanEstimate expected = estimate_mean(numbers, {});
      CHECK(summary.count() == 100);
      CHECK(summary.mean().mean == doctest::Approx(expected.mean).epsilon(1e-15));
      CHECK(summary.mean().error == doctest::Approx(expected.error).epsilon(1e-9));
      CHECK(summary.min() == offset);
      CHECK(summary.max() == offset + 99 / 8.0);
    }
  }

  TEST_CASE("a stream of one number has no error, and one of none no mean") {
    CHECK(summary_of({-3}).mean().mean == -3);
    CHECK(std::isnan(summary_of({-3}).mean().error));
    CHECK(!std::signbit(summary_of({-3}).mean().error));
    CHECK(std::isnan(summary_of({}).mean().mean));
  }

  TEST_CASE("a stream with an infinite number has an infinite mean") {
    const double infinity = std::numeric_limits<double>::infinity();
    for (const std::vector<double>& numbers :
         {std::vector<double>{1, -infinity, 2}, {-infinity}, {-infinity, -infinity}}) {
      CHECK(summary_of(numbers).mean().mean == -infinity);
      CHECK(summary_of(numbers).mean().error == infinity);
    }
    CHECK(summary_of({1, infinity}).mean().mean == infinity);
    CHECK(std::isnan(summary_of({-infinity, infinity}).mean().mean));
  }
}
