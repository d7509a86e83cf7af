#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "nflow/error.h"
#include "nflow/region.h"
#include "stats/goodness_of_fit.h"
#include "train/supports.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

/// A density that is standard normal in two columns, in double.
Model normal_model() {
  Dataset data{RowMatrix::Random(40, 2), RowMatrix(40, 0)};
  TrainOptions options = quick("reverse", 1);
  options.precision = Precision::float64;
  Model model = train({"x", "y"}, {}, data, data, options, nullptr);
  model.scaler.mean = {0, 0};
  model.scaler.deviation = {1, 1};
  return model;
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

struct Asked {
  explicit Asked(const std::string& text, int threads = 1, Model of = normal_model())
      : model(std::move(of)),
        evaluator(model, threads),
        condition(text, model.columns, model.supports) {}

  RegionMass mass(Index most = 0) {
    return RegionMasses(model, evaluator, condition, most)(none(1), 0);
  }
  RowMatrix rows(std::uint64_t first, Index n, double temperature = 1) {
    RegionRows region(evaluator, condition, 2, 7, temperature);
    RowMatrix found;
    CHECK(region.sample(first, n, none(n), found) == n);
    return found;
  }

  Model model;
  Evaluator evaluator;
  Condition condition;
};

/// P(x > z), uniform for x of a normal density above `low`.
std::vector<double> tails(const RowMatrix& rows, double low) {
  std::vector<double> shares;
  for (Index i = 0; i < rows.rows(); ++i) {
    shares.push_back(normal_cdf(-rows(i, 0)) / normal_cdf(-low));
  }
  return shares;
}

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("the mass of a region is that of the closed form, to the error that it tells") {
    const struct {
      const char* text;
      double mass;
    } cases[] = {{"x > 1", normal_cdf(-1)},
                 {"x^2 + y^2 < 1", 1 - std::exp(-0.5)},
                 {"x > 2 && y > 0", normal_cdf(-2) / 2},
                 {"x > y", 0.5},
                 {"x^2 + y^2 > 9", std::exp(-4.5)}};
    for (const auto& one : cases) {
      const RegionMass found = Asked(one.text).mass();
      CAPTURE(one.text);
      CHECK(std::fabs(found.mass() - one.mass) < 4 * found.error());
      CHECK(found.error() < 0.01 * found.mass());
      // No more draws than it takes.
      CHECK(double(found.draws) < 1.3e4 * (1 - one.mass) / one.mass + 8192);
    }
    const RegionMass all = Asked("x < 1e9").mass();
    CHECK(all.mass() == 1);
    CHECK(all.error() > 0);
    const RegionMass empty = Asked("x > 40").mass(20000);
    CHECK(empty.inside == 0);
    CHECK(empty.draws == 20000);
    const RegionMass three = Asked("x > y", 3).mass();
    CHECK(three.inside == Asked("x > y").mass().inside);
  }

  TEST_CASE("rows of a region are those of the density given it") {
    for (const double low : {-1.0, 1.0, 2.5}) {
      Asked asked("x > " + std::to_string(low));
      const RowMatrix rows = asked.rows(0, 2000);
      CHECK(rows.col(0).minCoeff() > low);
      CHECK(kolmogorov_smirnov(tails(rows, low)).p > 0.01);
      std::vector<double> other;
      for (Index i = 0; i < rows.rows(); ++i) other.push_back(normal_cdf(rows(i, 1)));
      CHECK(kolmogorov_smirnov(other).p > 0.01);
    }
    // At half the temperature the density is that of half the deviation.
    Asked asked("x > 0.5");
    CHECK(kolmogorov_smirnov(tails(2 * asked.rows(0, 2000, 0.5), 1)).p > 0.01);
  }

  TEST_CASE("a row of a region depends on its number alone") {
    Asked asked("x > 1.5 && y < 0"), other("x > 1.5 && y < 0", 3);
    const RowMatrix rows = asked.rows(0, 900);
    CHECK(other.rows(0, 900) == rows);
    CHECK(asked.rows(300, 17) == rows.middleRows(300, 17));
    CHECK(asked.rows(899, 1) == rows.bottomRows(1));
    CHECK(asked.rows(900, 3).row(0) != rows.row(0));
  }

  TEST_CASE("a region without mass is not drawn from for ever") {
    Asked asked("x > 40");
    RegionRows region(asked.evaluator, asked.condition, 2, 1, 1);
    RowMatrix rows;
    CHECK(region.sample(0, 2, none(2), rows) == 0);
    CHECK(region.first_draws().draws == 2);
    CHECK(region.first_draws().inside == 0);
  }

  TEST_CASE("masses given a context are those of it, and the first draws tell their mean") {
    const Model model = train({"y"}, {"c"}, wave(800, 1), wave(200, 2),
                              quick("nsf-ar:hidden=16:bins=4", 60), nullptr);
    Evaluator evaluator(model, 1);
    Condition condition("y > 0.3", model.columns, model.supports);
    RegionMasses masses(model, evaluator, condition);
    const Index n = 12;
    RowMatrix context(n, 1), rows;
    for (Index i = 0; i < n; ++i) context(i, 0) = 0.2 * double(i % 6);
    double mean = 0;
    std::vector<char> inside;
    for (Index i = 0; i < n; ++i) {
      const RegionMass found = masses(context, i);
      CHECK(found.inside == RegionMasses(model, evaluator, condition)(context, i).inside);
      const Index draws = 20000;
      evaluator.sample(3, 0, draws, context.row(i).replicate(draws, 1), 1, rows);
      condition.find(rows, inside);
      const double share = std::accumulate(inside.begin(), inside.end(), 0.0) / double(draws);
      CHECK(std::fabs(found.mass() - share) <
            4 * std::hypot(found.error(), std::sqrt(share * (1 - share) / double(draws)) + 1e-4));
      mean += found.mass() / double(n);
    }
    RegionRows region(evaluator, condition, 1, 5, 1);
    const Index times = 200;
    const RowMatrix many = context.replicate(times, 1);
    CHECK(region.sample(0, many.rows(), many, rows) == many.rows());
    CHECK(rows.minCoeff() > 0.3);
    CHECK(std::fabs(region.first_draws().mass() - mean) < 4 * region.first_draws().error() + 5e-3);
  }
}
