#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/pictures.h"
#include "train/supports.h"

using namespace nflow;
using namespace nflow::testing;

TEST_SUITE("pictures") {
  TEST_CASE("a histogram is a density, of all numbers, also those outside") {
    const RowMatrix parts = histogram({0, 0.1, 0.5, 1, 3, NAN, -2}, 0, 1, 2);
    REQUIRE(parts.rows() == 3);
    CHECK(parts(0, 0) == 0);
    CHECK(parts(1, 0) == 0.5);
    CHECK(parts(0, 1) == doctest::Approx(2 / 7.0 / 0.5));
    CHECK(parts(1, 1) == doctest::Approx(2 / 7.0 / 0.5));
    CHECK(parts.row(2) == RowMatrix{{1, 0}});
  }

  TEST_CASE("a grid holds the density, and the levels their shares of the mass") {
    const Model model = train_banana(quick("actnorm,nsf-cl:hidden=16"));
    Evaluator evaluator(model, 1);
    RowMatrix rows;
    std::vector<double> log_prob;
    evaluator.sample(5, 0, 4000, RowMatrix(4000, 0), 1, rows);
    evaluator.log_prob(rows, RowMatrix(4000, 0), log_prob);

    Rectangle where{};
    for (int j = 0; j < 2; ++j) {
      const double low = rows.col(j).minCoeff(), high = rows.col(j).maxCoeff();
      where.low[j] = low - (high - low) / 4;
      where.high[j] = high + (high - low) / 4;
    }
    const Index n = 200;
    const RowMatrix grid = density_grid(model, where, {1, 1}, n, 1);
    double cell = 1;
    for (int j = 0; j < 2; ++j) cell *= (where.high[j] - where.low[j]) / (n - 1);
    CHECK(grid.sum() * cell == doctest::Approx(1).epsilon(0.01));
    RowMatrix corner(1, 2);
    corner << where.high[0], where.low[1];
    evaluator.log_prob(corner, RowMatrix(1, 0), log_prob);
    CHECK(grid(0, n - 1) == doctest::Approx(std::exp(log_prob[0])));

    evaluator.log_prob(rows, RowMatrix(4000, 0), log_prob);
    const std::vector<double> levels = density_levels(model, {0.9, 0.1}, {1, 1}, 0, 1);
    for (int k = 0; k < 2; ++k) {
      int above = 0;
      for (const double value : log_prob) above += std::exp(value) > levels[k] ? 1 : 0;
      CHECK(std::fabs(above / 4000.0 - (k == 0 ? 0.9 : 0.1)) < 0.025);
    }
  }

  TEST_CASE("link by link, rows come to where the whole chain takes them") {
    const Model model = train_banana(quick("actnorm,shuffle,conv1x1,maf:hidden=16", 30));
    const RowMatrix rows = banana(50, 3).x;
    const std::vector<RowMatrix> stages = link_by_link(model, rows, 1);
    REQUIRE(stages.size() == 5);
    CHECK(stages[0] == rows);
    RowMatrix z;
    Evaluator(in_double(model), 1).to_latent(rows, RowMatrix(50, 0), z);
    CHECK(stages[4] == z);
    // The first link shifts and scales each column: two rows tell where a third goes.
    for (Index j = 0; j < 2; ++j) {
      const auto before = rows.col(j), after = stages[1].col(j);
      const double slope = (after(1) - after(0)) / (before(1) - before(0));
      CHECK(after(2) == doctest::Approx(after(0) + slope * (before(2) - before(0))));
    }
  }

  TEST_CASE("rows have the directions that the chain sees them in, in columns on supports too") {
    const std::vector<Support> supports{kPositive, kInterval};
    const Model model = train_on(supports, "actnorm");
    const RowMatrix rows = draws(supports, 200, 3).x;
    // The first link, told to do nothing, shows where the rows of the chain lie.
    Model still = in_double(model);
    for (double& number : std::get<std::vector<double>>(still.parameters)) number = 0;
    const RowMatrix seen = link_by_link(still, rows, 1)[1];
    const std::vector<double> turns = directions(model, rows);
    REQUIRE(turns.size() == 200);
    for (Index i = 0; i < 200; ++i) {
      const double angle = (turns[static_cast<std::size_t>(i)] - 0.5) * 2 * M_PI;
      const double far = seen.row(i).norm();
      CHECK(far * std::cos(angle) == doctest::Approx(seen(i, 0)));
      CHECK(far * std::sin(angle) == doctest::Approx(seen(i, 1)));
    }
    // All around, as they come from the middle of the data.
    for (int quarter = 0; quarter < 4; ++quarter) {
      CHECK(std::count_if(turns.begin(), turns.end(),
                          [&](double t) { return static_cast<int>(4 * t) == quarter; }) > 10);
    }
  }

  TEST_CASE("samples beside rows are others than those of the stream's beginning") {
    const Model model = train_banana(quick("actnorm", 20));
    const RowMatrix beside = samples_beside(none(500), model, 7, 2);
    RowMatrix rows;
    Evaluator(model, 1).sample(7, 0, 500, none(500), 1, rows);
    CHECK(beside.rows() == 500);
    CHECK((beside.array() == rows.array()).count() == 0);
    CHECK(samples_beside(none(500), model, 7, 1) == beside);
  }

  TEST_CASE("a circle has its share of a unit Gaussian inside") {
    const RowMatrix half = circle_around(0.5), most = circle_around(0.99);
    CHECK(half.row(0) == half.row(half.rows() - 1));
    for (Index i = 0; i < half.rows(); ++i) {
      CHECK(half.row(i).norm() == doctest::Approx(1.17741));
      CHECK(most.row(i).norm() == doctest::Approx(3.03485));
    }
  }

  TEST_CASE("what cannot be drawn is refused") {
    const Model given =
        train({"y"}, {"c"}, wave(200, 1), wave(50, 2), quick("actnorm", 5), nullptr);
    CHECK_THROWS_AS(link_by_link(given, RowMatrix(1, 1), 1), Error);
    CHECK_THROWS_AS(directions(given, RowMatrix(1, 1)), Error);
    CHECK_THROWS_AS(directions(train_on({kReal}, "actnorm"), RowMatrix(1, 1)), Error);
    CHECK_THROWS_AS(density_levels(given, {0.5}, {1, 1}, 0, 1), Error);
    CHECK_THROWS_AS(density_grid(given, {}, {1, 1}, 3, 1), Error);
  }
}
