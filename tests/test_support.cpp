#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "io/model_file_pieces.h"
#include "math/cell_quadrature.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"
#include "nflow/support.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

RowMatrix none(Index rows) { return RowMatrix(rows, 0); }

std::vector<double> log_prob(const Model& model, const RowMatrix& x) {
  std::vector<double> out;
  Evaluator(model, 2).log_prob(x, none(x.rows()), out);
  return out;
}

RowMatrix column(const std::vector<double>& values) {
  return Eigen::Map<const RowMatrix>(values.data(), static_cast<Index>(values.size()), 1);
}

/// Skewed numbers: above 0, in (2, 5), whole and from 0 on.
double draw(const Support& support, double normal) {
  switch (support.kind) {
    case Support::Kind::positive:
      return 7 * std::exp(0.8 * normal);
    case Support::Kind::interval:
      return support.low + (support.high - support.low) / (1 + std::exp(-1.5 * normal - 1));
    case Support::Kind::integer:
      return std::floor(std::fabs(2 * normal));
    case Support::Kind::circular: {  // about the seam
      const double turns = 0.15 * normal - std::floor(0.15 * normal);
      return std::min(support.low + (support.high - support.low) * turns, support.high);
    }
    default:
      return normal;
  }
}

Dataset draws(const std::vector<Support>& supports, Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data{RowMatrix(rows, static_cast<Index>(supports.size())), none(rows)};
  for (Index r = 0; r < rows; ++r) {
    double common = normal(random);
    for (std::size_t j = 0; j < supports.size(); ++j) {
      common = 0.6 * common + 0.8 * normal(random);
      data.x(r, static_cast<Index>(j)) = draw(supports[j], common);
    }
  }
  return data;
}

Model train_on(const std::vector<Support>& supports, const std::string& flow) {
  TrainOptions options = quick(flow, 200);
  options.supports = supports;
  std::vector<std::string> names;
  for (const Support& support : supports) {
    names.push_back(std::to_string(names.size()) + to_text(support));
  }
  return train(names, {}, draws(supports, 1500, 1), draws(supports, 400, 2), options, nullptr);
}

const Support kReal{}, kPositive{Support::Kind::positive}, kInterval{Support::Kind::interval, 2, 5},
    kInteger{Support::Kind::integer}, kCircular{Support::Kind::circular, -90, 270};

/// The integral of a one-column density over (low, high), by the midpoint rule in a coordinate in
/// which it is smooth: x(t) for t from -1 to 1, with its derivative.
template <class Curve>
double mass(const Model& model, const Curve& curve) {
  constexpr Index n = 20000;
  std::vector<double> x, slope;
  for (Index i = 0; i < n; ++i) {
    const auto [at, derivative] = curve(2 * (double(i) + 0.5) / n - 1);
    x.push_back(at);
    slope.push_back(derivative);
  }
  const auto values = log_prob(model, column(x));
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += std::exp(values[i]) * slope[i] * 2 / n;
  return sum;
}

}  // namespace

TEST_SUITE("math") {
  TEST_CASE("supports: texts are read and written, and others are refused") {
    for (const std::string text : {"REAL", "POSITIVE", "INTEGER", "[0,90]", "[-1.5,2e+20]",
                                   "CIRCULAR[0,360]", "CIRCULAR[-0.5,1e-05]"}) {
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
                                   "circular[0,1]",
                                   "POSITIVE ",
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
    for (const Support& support : {kPositive, kInterval, kInteger, kCircular}) {
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
    for (const double x : {-90.0, -89.5, 0.0, 1e-6, 269.0, 270.0}) {
      CHECK(kCircular.from_line(kCircular.to_line(x)) == doctest::Approx(x).epsilon(1e-12));
      CHECK(kCircular.log_slope(x) == doctest::Approx(-std::log(360)));
    }
    CHECK(kCircular.to_line(-90) == -0.5);
    CHECK(kCircular.to_line(180) == 0.25);
    CHECK(kCircular.to_line(270) == 0.5);
    for (const double k : {-1e15, -7.0, 0.0, 3.0, 1e15}) {
      CHECK(kInteger.from_line(kInteger.to_line(k)) == k);
      CHECK(kInteger.log_slope(k) == 0);
    }
    CHECK(!std::signbit(kInteger.from_line(-0.0)));
  }

  TEST_CASE("supports: extremes stay finite, and inside") {
    for (const Support& support : {kPositive, kInterval, kInteger, kCircular}) {
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
    // The ends go where a point a millionth of the width inside goes.
    CHECK(kInterval.to_line(2) == doctest::Approx(kInterval.to_line(2 + 3e-6)));
    CHECK(kInterval.to_line(5) == doctest::Approx(-kInterval.to_line(2)));
    CHECK(kInterval.log_slope(5) == doctest::Approx(kInterval.log_slope(2 + 3e-6)));
  }

  TEST_CASE("cells: weights sum to one, and a smooth function is integrated") {
    for (Index d : {1, 2, 3, 4, 6}) {
      CAPTURE(d);
      const CellQuadrature cell = cell_quadrature(d);
      CHECK(cell.nodes.cwiseAbs().maxCoeff() <= 0.5);
      double weight = 0, sum = 0;
      for (Index q = 0; q < cell.nodes.rows(); ++q) {
        weight += std::exp(cell.log_weight[q]);
        sum += std::exp(cell.log_weight[q] + 3 * cell.nodes.row(q).sum());
      }
      CHECK(weight == doctest::Approx(1).epsilon(1e-12));
      const double exact = std::pow((std::exp(1.5) - std::exp(-1.5)) / 3, double(d));
      CHECK(sum == doctest::Approx(exact).epsilon(d > 3 ? 0.04 : 1e-7));
    }
  }
}

TEST_SUITE("train") {
  TEST_CASE("one column: densities on supports integrate to one, probabilities sum to one") {
    for (const std::string flow : {"actnorm,nsf-ar", "mixture:components=3"}) {
      CAPTURE(flow);
      CHECK(mass(train_on({kPositive}, flow), [](double t) {
              const double x = std::exp(16 * t);
              return std::pair{x, 16 * x};
            }) == doctest::Approx(1).epsilon(0.002));
      CHECK(mass(train_on({kInterval}, flow), [](double t) {
              const double u = 16 * t, share = 1 / (1 + std::exp(-u));
              return std::pair{2 + 3 * share, 3 * 16 * share * (1 - share)};
            }) == doctest::Approx(1).epsilon(0.002));
      std::vector<double> integers(81);
      std::iota(integers.begin(), integers.end(), -40);
      double sum = 0;
      for (double value : log_prob(train_on({kInteger}, flow), column(integers))) {
        sum += std::exp(value);
      }
      CHECK(sum == doctest::Approx(1).epsilon(0.003));
    }
  }

  TEST_CASE("two columns of integers: their probabilities sum to one") {
    const Model model = train_on({kInteger, kInteger}, "actnorm,conv1x1,nsf-cl:hidden=16");
    RowMatrix x(51 * 51, 2);
    for (Index i = 0; i < x.rows(); ++i) x.row(i) << double(i / 51 - 25), double(i % 51 - 25);
    double sum = 0;
    for (double value : log_prob(model, x)) sum += std::exp(value);
    CHECK(sum == doctest::Approx(1).epsilon(0.01));
  }

  TEST_CASE("rows outside their support have log p = -inf and no place in latent space") {
    const Model model = train_on({kPositive, kInterval, kInteger, kReal}, "actnorm,maf:hidden=8");
    RowMatrix x(6, 4);
    x << 7, 3, 1, 0, -7, 3, 1, 0, 7, 1, 1, 0, 7, 3, 0.5, 0, 0, 3, 1, 0, 7, 5, 0, -1;
    const auto values = log_prob(model, x);
    RowMatrix z, back;
    Evaluator evaluator(in_double(model), 1);
    evaluator.to_latent(x, none(6), z);
    for (Index r = 0; r < 6; ++r) {
      CAPTURE(r);
      const bool inside = r == 0 || r == 5;
      CHECK(std::isfinite(values[r]) == inside);
      CHECK(z.row(r).allFinite() == inside);
      if (!inside) CHECK(values[r] == -kInfinity);
      if (!inside) CHECK(std::isnan(z(r, 0)));
    }
    evaluator.from_latent(z.topRows(1), none(1), back);
    CHECK(back(0, 0) == doctest::Approx(7).epsilon(1e-9));
    CHECK(back(0, 1) == doctest::Approx(3).epsilon(1e-9));
    CHECK(back(0, 2) == 1);
  }

  TEST_CASE("samples never leave their supports, however hot") {
    const std::vector<Support> supports{kPositive, kInterval, kInteger, kReal};
    const Model model = train_on(supports, "actnorm,conv1x1,nsf-cl:hidden=8");
    for (const double temperature : {1.0, 50.0}) {
      RowMatrix x;
      Evaluator evaluator(model, 2);
      evaluator.sample(3, 0, 2000, none(2000), temperature, x);
      for (Index r = 0; r < x.rows(); ++r) {
        for (Index j = 0; j < x.cols(); ++j) CHECK(supports[j].contains(x(r, j)));
      }
    }
  }

  TEST_CASE("samples of integers come as often as log p says") {
    const Model model = train_on({kInteger, kReal}, "actnorm,conv1x1,nsf-cl:hidden=16");
    RowMatrix x;
    Evaluator(model, 2).sample(5, 0, 20000, none(20000), 1, x);
    RowMatrix line(4000, 2);  // P(1), by the sum of p(1, y) over y
    for (Index i = 0; i < line.rows(); ++i) line.row(i) << 1, (double(i) + 0.5) / 200 - 10;
    double probability = 0;
    for (double value : log_prob(model, line)) probability += std::exp(value) / 200;
    const double share = double((x.col(0).array() == 1).count()) / 20000;
    CHECK(share == doctest::Approx(probability).epsilon(0.05));
  }

  TEST_CASE("training reports log p in the units of columns with supports") {
    const std::vector<Support> supports{kPositive, kInterval};
    TrainOptions options = quick("actnorm,conv1x1,nsf-cl:hidden=8", 60);
    options.supports = supports;
    const Dataset fit = draws(supports, 1000, 1), validation = draws(supports, 300, 2);
    double best = -kInfinity;
    const Model model =
        train({"a", "b"}, {}, fit, validation, options, [&](const EpochReport& report) {
          best = std::max(best, report.validation);
          return true;
        });
    double sum = 0;
    for (double value : log_prob(model, validation.x)) sum += value;
    CHECK(model.training.validation_log_prob == doctest::Approx(sum / 300).epsilon(1e-4));
    CHECK(model.training.validation_log_prob >= best);
    CHECK(std::fabs(model.training.train_log_prob - sum / 300) < 0.5);
  }

  TEST_CASE("for integers the training reports a lower bound") {
    const Model model = train_on({kInteger}, "actnorm,nsf-ar");
    double sum = 0;
    for (double value : log_prob(model, draws({kInteger}, 400, 2).x)) sum += value;
    CHECK(model.training.validation_log_prob <= sum / 400 + 1e-6);
    CHECK(model.training.validation_log_prob > sum / 400 - 0.5);
  }

  TEST_CASE("training refuses a row outside, naming column and value") {
    TrainOptions options = quick("maf:hidden=8", 10);
    options.supports = {kPositive};
    Dataset fit = draws({kPositive}, 100, 1);
    fit.x(70, 0) = -2.5;
    try {
      train({"fare"}, {}, fit, draws({kPositive}, 20, 2), options, nullptr);
      FAIL("not refused");
    } catch (const Error& problem) {
      CHECK(problem.what() ==
            std::string("column 'fare' has the value -2.5, outside its support POSITIVE"));
    }
  }

  TEST_CASE("supports that are all REAL change no bit") {
    TrainOptions options = quick("actnorm,nsf-ar:hidden=8", 30);
    const Model plain = train_banana(options);
    options.supports = {kReal, kReal};
    CHECK(to_bytes(train_banana(options)) == to_bytes(plain));
  }
}

TEST_SUITE("io") {
  TEST_CASE("model file: supports make it version 2 and are read back") {
    const Model model = train_on({kPositive, kInterval, kInteger, kReal}, "maf:hidden=4");
    CHECK(format_version(model) == 2);
    const std::string bytes = to_bytes(model);
    const Model back = from_bytes(bytes, "m.nflow");
    REQUIRE(back.supports.size() == 4);
    for (std::size_t j = 0; j < 4; ++j) {
      CHECK(to_text(back.supports[j]) == to_text(model.supports[j]));
    }
    CHECK(to_bytes(back) == bytes);
    const RowMatrix x = draws(model.supports, 100, 3).x;
    CHECK(log_prob(back, x) == log_prob(model, x));
    Model wrong = model;
    wrong.supports.pop_back();
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong = model;
    wrong.supports[1].high = kInfinity;
    CHECK_THROWS_AS(to_bytes(wrong), Error);
    wrong.supports = std::vector<Support>(4);
    CHECK(format_version(wrong) == 1);
  }

  TEST_CASE("model file: lies about supports are refused") {
    const std::string bytes = to_bytes(train_on({kPositive, kInterval}, "maf:hidden=4"));
    const auto refused = [&](const std::string& from, const std::string& to) {
      CAPTURE(to);
      CHECK_THROWS_AS(from_bytes(model_file::with_header(bytes, from, to), "m.nflow"), Error);
    };
    const std::string list = R"([\"POSITIVE\",\"[2,5]\"])";
    refused(list, R"([\"POSITIVE\"])");
    refused(list, R"([\"POSITIVE\",\"[2,5]\",\"REAL\"])");
    refused(list, R"([\"REAL\",\"REAL\"])");
    refused(list, R"([\"POSITIVE\",\"[2.0,5]\"])");
    refused(list, R"([\"POSITIVE\",\"[5,2]\"])");
    refused(list, R"([\"POSITIVE\",2])");
    refused(list, "null");
    refused(R"(\"support\")", R"(\"supports\")");
  }
}
