#include <doctest/doctest.h>

#include <numeric>

#include "nflow/error.h"
#include "nflow/model_file.h"
#include "train/supports.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

RowMatrix column(const std::vector<double>& values) {
  return Eigen::Map<const RowMatrix>(values.data(), static_cast<Index>(values.size()), 1);
}

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
