#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "nflow/error.h"
#include "nflow/imputation.h"
#include "nflow/labels.h"

using namespace nflow;

namespace {

const double kHole = std::numeric_limits<double>::quiet_NaN();

/// b = 2 a + noise; a count, a label and a number above 0 that go with a; and a context.
Dataset table(Index n, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data{RowMatrix(n, 5), RowMatrix(n, 1)};
  for (Index i = 0; i < n; ++i) {
    const double a = 1000 + 3 * normal(random);
    data.x.row(i) << a, 2 * a + normal(random), std::floor(a / 2 + normal(random)),
        label_value(a > 1000 ? 4 : 2), std::exp(0.3 * normal(random));
    data.context(i, 0) = data.x(i, 1) + normal(random);
  }
  return data;
}

std::vector<Support> supports() {
  return {parse_support("REAL"), parse_support("REAL"), parse_support("GRID[1]"),
          parse_support("CATEGORY"), parse_support("POSITIVE")};
}

/// Holes in every column, all of them where a is high: at random given a.
Dataset with_holes(Dataset data) {
  for (Index i = 0; i < data.x.rows(); ++i) {
    if (data.x(i, 0) < 1000) continue;
    for (Index j = 1; j < 5; ++j) {
      if ((i + j) % 2 == 0) data.x(i, j) = kHole;
    }
  }
  return data;
}

}  // namespace

TEST_SUITE("impute") {
  TEST_CASE("imputation: draws are values of their columns, and go with the rest of the row") {
    const Dataset whole = table(4000, 1);
    Dataset filled = with_holes(whole);
    const Imputer imputer(filled, supports(), 0, 2);
    const Dataset holed = filled;
    const Index holes = imputer.fill(filled, 0);
    Index counted = 0;
    double b_apart = 0, grid_apart = 0, same_label = 0, b_mean = 0, true_mean = 0;
    for (Index i = 0; i < 4000; ++i) {
      b_mean += filled.x(i, 1) / 4000;
      true_mean += whole.x(i, 1) / 4000;
      for (Index j = 0; j < 5; ++j) {
        if (!is_hole(holed.x(i, j))) {
          CHECK(bits_of(filled.x(i, j)) == bits_of(whole.x(i, j)));
          continue;
        }
        ++counted;
        REQUIRE(supports()[static_cast<std::size_t>(j)].contains(filled.x(i, j)));
        if (j == 1) b_apart += std::fabs(filled.x(i, 1) - 2 * filled.x(i, 0));
        if (j == 2) grid_apart += std::fabs(filled.x(i, 2) - filled.x(i, 0) / 2);
        if (j == 3) same_label += bits_of(filled.x(i, 3)) == bits_of(label_value(4)) ? 1 : 0;
      }
    }
    CHECK(counted == holes);
    const double each = static_cast<double>(holes) / 4;
    CHECK(b_apart / each < 1.2);  // E|noise| is 0.8
    CHECK(grid_apart / each < 1.6);
    CHECK(same_label / each > 0.9);
    CHECK(std::fabs(b_mean - true_mean) < 0.1);  // of rows without holes it is 3.8 off
  }

  TEST_CASE("imputation: the same bits for any number of threads, other ones for another stream") {
    const Dataset rows = with_holes(table(600, 3));
    Dataset first = rows, second = rows, third = rows;
    const Imputer alone(rows, supports(), 0, 1), both(rows, supports(), 0, 2);
    alone.fill(first, 0);
    both.fill(second, 0);
    both.fill(third, 5);
    bool differs = false;
    for (Index i = 0; i < first.x.size(); ++i) {
      CHECK(bits_of(first.x.data()[i]) == bits_of(second.x.data()[i]));
      differs = differs || bits_of(first.x.data()[i]) != bits_of(third.x.data()[i]);
    }
    CHECK(differs);
  }

  TEST_CASE("imputation: constant columns and columns of few values do no harm") {
    Dataset rows{RowMatrix(40, 3), RowMatrix(40, 0)};
    for (Index i = 0; i < 40; ++i) rows.x.row(i) << 5, i % 3 == 0 ? kHole : 1, double(i);
    rows.x(7, 0) = rows.x(8, 2) = kHole;
    const Imputer imputer(rows, {}, 0, 1);
    Dataset filled = rows;
    CHECK(imputer.fill(filled, 0) == 16);
    CHECK(filled.x.allFinite());
    CHECK(std::fabs(filled.x(7, 0) - 5) < 0.1);
    Dataset empty = rows;
    empty.x.col(1).setConstant(kHole);
    CHECK_THROWS_AS(Imputer(empty, {}, 0, 1), Error);
  }
}
