#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "nflow/row_split.h"

using namespace nflow;

namespace {

std::vector<Index> first_rows(Index n) {
  std::vector<Index> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("the rows to validate with are those that older models were validated with") {
    using Rows = std::vector<Index>;
    CHECK(split_rows(first_rows(20), 0.25, 0).validation == Rows{5, 7, 11, 12, 19});
    CHECK(split_rows(first_rows(20), 0.25, 7).validation == Rows{5, 9, 12, 13, 17});
    const RowSplit some = split_rows({0, 2, 3, 5, 8, 13, 21, 34, 55}, 0.3, 7);
    CHECK(some.validation == Rows{5, 13, 55});
    CHECK(some.fit == Rows{0, 2, 3, 8, 21, 34});
  }

  TEST_CASE("a split takes its fraction, a row at least, and both parts keep their order") {
    for (const Index n : {1, 2, 3, 1000}) {
      for (const double fraction : {0.0, 0.1, 0.5, 0.9, 1.0}) {
        CAPTURE(n);
        CAPTURE(fraction);
        const RowSplit split = split_rows(first_rows(n), fraction, 3);
        const double expected = std::max(1.0, std::round(fraction * static_cast<double>(n)));
        CHECK(static_cast<double>(split.validation.size()) == expected);
        std::vector<Index> all;
        std::merge(split.fit.begin(), split.fit.end(), split.validation.begin(),
                   split.validation.end(), std::back_inserter(all));
        CHECK(all == first_rows(n));
      }
    }
    CHECK(split_rows({}, 0.1, 3).validation.empty());
  }

  TEST_CASE("rows fall to one side or the other by their numbers, not by their places") {
    // Where some rows are left out, most of the others stay where they were.
    std::vector<Index> rows = first_rows(1000);
    const RowSplit whole = split_rows(rows, 0.2, 1);
    rows.erase(rows.begin(), rows.begin() + 10);
    const RowSplit less = split_rows(rows, 0.2, 1);
    std::vector<Index> both;
    std::set_intersection(whole.validation.begin(), whole.validation.end(), less.validation.begin(),
                          less.validation.end(), std::back_inserter(both));
    CHECK(both.size() > 190);
  }
}
