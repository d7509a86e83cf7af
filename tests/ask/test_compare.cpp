#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "nflow/compare.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

/// A model whose one or more columns are normal with these means and deviations.
Model normal_model(const std::vector<double>& mean, const std::vector<double>& deviation,
                   std::vector<std::string> names) {
  Dataset data;
  data.x.resize(40, static_cast<Index>(mean.size()));
  data.context.resize(40, 0);
  for (Index i = 0; i < data.x.rows(); ++i) {
    for (Index j = 0; j < data.x.cols(); ++j) data.x(i, j) = std::sin(1.0 + double(i * (j + 1)));
  }
  TrainOptions options = quick("reverse", 1);
  options.precision = Precision::float64;
  Model model = train(std::move(names), {}, data, data, options, nullptr);
  model.scaler.mean = mean;
  model.scaler.deviation = deviation;
  return model;
}

/// The divergence of one normal density from another.
double exact(double mean, double deviation, double other_mean, double other_deviation) {
  const double ratio = deviation / other_deviation, shift = (mean - other_mean) / other_deviation;
  return 0.5 * (ratio * ratio + shift * shift - 1) - std::log(ratio);
}

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("a comparison is by the rows that all models can score") {
    Comparison comparison(3);
    comparison.add({{-1, -2, -kInfinity, -4}, {-2, -2, -3, -5}, {-1, -5, -3, -kInfinity}});
    comparison.add({{-3}, {-1}, {0}});
    CHECK(comparison.rows() == 3);
    CHECK(comparison.left_out() == 2);
    CHECK(comparison.infinite(0) == 1);
    CHECK(comparison.infinite(1) == 0);
    CHECK(comparison.infinite(2) == 1);
    const std::vector<double> a{-1, -2, -3}, b{-2, -2, -1}, c{-1, -5, 0};
    CHECK(comparison.mean(2).mean == doctest::Approx(-2));
    CHECK(comparison.mean(2).error == doctest::Approx(estimate_mean(c, {}).error));
    const MeanEstimate expected = estimate_mean({-1, 0, 2}, {});
    CHECK(comparison.difference(1, 0).mean == doctest::Approx(expected.mean));
    CHECK(comparison.difference(1, 0).error == doctest::Approx(expected.error));
    CHECK(comparison.difference(0, 1).mean == doctest::Approx(-expected.mean));
    CHECK(comparison.difference(2, 1).mean == doctest::Approx(-1.0 / 3));
    CHECK(comparison.difference(1, 1).error == 0);
  }

  TEST_CASE("divergences of normal densities are those of the formula, in whatever order") {
    const Model p = normal_model({1, -5}, {2, 0.5}, {"a", "b"});
    const Model q = normal_model({-4.5, 0}, {0.7, 3}, {"b", "a"});
    CHECK(not_comparable(p, "p", q, "q").empty());
    const double there = exact(1, 2, 0, 3) + exact(-5, 0.5, -4.5, 0.7);
    const double back = exact(0, 3, 1, 2) + exact(-4.5, 0.7, -5, 0.5);
    const Divergence from_p = divergence(p, q, 20000, 1, 1), from_q = divergence(q, p, 20000, 1, 1);
    CHECK(from_p.rows == 20000);
    CHECK(from_p.outside == 0);
    CHECK(from_p.lost == 0);
    CHECK(from_p.estimate.error < 0.02);
    CHECK(std::fabs(from_p.estimate.mean - there) < 4 * from_p.estimate.error);
    CHECK(std::fabs(from_q.estimate.mean - back) < 4 * from_q.estimate.error);
    CHECK(divergence(p, q, 20000, 1, 3).estimate.mean == from_p.estimate.mean);
    CHECK(divergence(p, p, 1000, 1, 1).estimate.mean == 0);
  }

  TEST_CASE("models of different columns are not compared, and rows outside are counted") {
    const Model p = normal_model({1}, {2}, {"a"}), q = normal_model({1, 0}, {1, 1}, {"a", "c"});
    CHECK(not_comparable(p, "p", q, "q") == "only q has the column 'c'");
    CHECK(not_comparable(q, "q", p, "p") == "only q has the column 'c'");
    Model positive = normal_model({0}, {1}, {"a"});
    positive.supports = {parse_support("POSITIVE")};
    const Divergence found = divergence(p, positive, 1000, 0, 1);
    CHECK(found.outside > 250);
    CHECK(found.outside < 370);
    CHECK(found.estimate.mean == kInfinity);
    CHECK(std::isfinite(divergence(positive, p, 1000, 0, 1).estimate.mean));
  }
}
