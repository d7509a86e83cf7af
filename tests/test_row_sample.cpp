#include <doctest/doctest.h>

#include <vector>

#include "nflow/row_sample.h"

using namespace nflow;

namespace {

/// `most` of the rows 0, 1, ..., n - 1, which come in pieces of some length.
Dataset sampled(Index n, Index most, std::uint64_t seed, Index piece) {
  RowSample sample(most, seed);
  for (Index first = 0; first < n; first += piece) {
    const Index rows = std::min(piece, n - first);
    RowMatrix x(rows, 1);
    for (Index i = 0; i < rows; ++i) x(i, 0) = static_cast<double>(first + i);
    sample.add(x, -x);
  }
  CHECK(sample.seen() == static_cast<std::uint64_t>(n));
  return sample.rows();
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("a sample of rows is all of a short table, in its order, with the context") {
    const Dataset rows = sampled(3000, 5000, 1, 7);
    REQUIRE(rows.x.rows() == 3000);
    for (Index i = 0; i < 3000; ++i) {
      CHECK(rows.x(i, 0) == i);
      CHECK(rows.context(i, 0) == -i);
    }
  }

  TEST_CASE("of a long table every row is as likely, whatever the pieces that it comes in") {
    std::vector<int> times(50);
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      const Dataset rows = sampled(50, 10, seed, 11);
      REQUIRE(rows.x.rows() == 10);
      for (Index i = 0; i < 10; ++i) {
        ++times[static_cast<std::size_t>(rows.x(i, 0))];
        CHECK((i == 0 || rows.x(i - 1, 0) < rows.x(i, 0)));
        CHECK(rows.context(i, 0) == -rows.x(i, 0));
      }
      if (seed < 5) CHECK(sampled(50, 10, seed, 50).x == rows.x);
    }
    // 400 each in the mean, with a deviation of 18.
    for (const int count : times) CHECK(std::abs(count - 400) < 80);
  }
}
