#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "nflow/evaluator.h"
#include "nflow/registry.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

RowMatrix none(Index rows) { return RowMatrix(rows, 0); }

/// One trained model of every kind, with a link before it that mixes and one that scales.
template <class Body>
void each_model(Precision precision, const Body& body) {
  for (const FlowKind* kind : flow_kinds()) {
    CAPTURE(kind->name);
    std::string flow = "actnorm," + kind->name + ",conv1x1," + kind->name;
    if (std::count(kind->options.begin(), kind->options.end(), "hidden") > 0) {
      flow = "actnorm," + kind->name + ":hidden=16,16,conv1x1," + kind->name + ":hidden=16,16";
    }
    TrainOptions options = quick(flow, 120);
    options.precision = precision;
    body(train_banana(options));
  }
}

std::vector<double> log_prob(Evaluator& evaluator, const RowMatrix& x) {
  std::vector<double> out;
  evaluator.log_prob(x, none(x.rows()), out);
  return out;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("every flow's density integrates to one, in awkward units") {
    each_model(Precision::float32, [](const Model& model) {
      // The trapezoidal rule over +-9 deviations of a standardised column.
      constexpr Index n = 360;
      RowMatrix x(n * n, 2);
      const double wide = 9 * model.scaler.deviation[0], high = 9 * model.scaler.deviation[1];
      for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < n; ++j) {
          x(i * n + j, 0) = model.scaler.mean[0] + wide * (2 * (double(i) + 0.5) / n - 1);
          x(i * n + j, 1) = model.scaler.mean[1] + high * (2 * (double(j) + 0.5) / n - 1);
        }
      }
      Evaluator evaluator(model, 2);
      double mass = 0;
      for (double value : log_prob(evaluator, x)) mass += std::exp(value);
      mass *= 4 * wide * high / (n * n);
      CHECK(mass == doctest::Approx(1).epsilon(0.015));
    });
  }

  TEST_CASE("one column: the density integrates to one for every flow") {
    for (const FlowKind* kind : flow_kinds()) {
      CAPTURE(kind->name);
      Dataset fit = banana(500, 1), validation = banana(200, 2);
      fit.x = RowMatrix(fit.x.col(1));
      validation.x = RowMatrix(validation.x.col(1));
      const Model model = train({"b"}, {}, fit, validation, quick(kind->name, 80), nullptr);
      constexpr Index n = 20000;
      RowMatrix x(n, 1);
      const double wide = 12 * model.scaler.deviation[0];
      for (Index i = 0; i < n; ++i) {
        x(i, 0) = model.scaler.mean[0] + wide * (2 * (double(i) + 0.5) / n - 1);
      }
      Evaluator evaluator(model, 1);
      double mass = 0;
      for (double value : log_prob(evaluator, x)) mass += std::exp(value) * 2 * wide / n;
      CHECK(mass == doctest::Approx(1).epsilon(0.01));
    }
  }

  TEST_CASE("to latent and back: 2e-3 of a deviation in float, 1e-7 in double") {
    const Dataset data = banana(1000, 5);
    for (Precision precision : {Precision::float32, Precision::float64}) {
      each_model(precision, [&](const Model& model) {
        Evaluator evaluator(model, 2);
        RowMatrix z, back;
        evaluator.to_latent(data.x, none(1000), z);
        evaluator.from_latent(z, none(1000), back);
        const double limit = precision == Precision::float32 ? 2e-3 : 1e-7;
        for (Index j = 0; j < 2; ++j) {
          const double worst = (back.col(j) - data.x.col(j)).cwiseAbs().maxCoeff();
          CHECK(worst / model.scaler.deviation[j] < limit);
        }
      });
    }
  }

  TEST_CASE(
      "log p is the base density plus log|det| of a difference Jacobian, in the units given") {
    const Dataset data = banana(20, 6);
    each_model(Precision::float64, [&](const Model& model) {
      Evaluator evaluator(model, 1);
      const auto values = log_prob(evaluator, data.x);
      for (Index r = 0; r < 20; ++r) {
        Eigen::Matrix2d jacobian;
        RowMatrix z;
        for (Index j = 0; j < 2; ++j) {
          RowMatrix pair = data.x.row(r).replicate(2, 1);
          const double step = 1e-5 * model.scaler.deviation[j];
          pair(0, j) += step;
          pair(1, j) -= step;
          evaluator.to_latent(pair, none(2), z);
          jacobian.col(j) = (z.row(0) - z.row(1)).transpose() / (pair(0, j) - pair(1, j));
        }
        evaluator.to_latent(data.x.row(r), none(1), z);
        const double base = -0.5 * z.squaredNorm() - std::log(2 * 3.14159265358979323846);
        const double expected = base + std::log(std::fabs(jacobian.determinant()));
        CHECK(std::fabs(values[r] - expected) < 1e-4);
      }
    });
  }

  TEST_CASE("samples and density agree: the entropy from both sides, and the moments") {
    each_model(Precision::float32, [](const Model& model) {
      Evaluator evaluator(model, 2);
      RowMatrix x, z;
      evaluator.sample(3, 0, 4000, none(4000), 1, x);
      evaluator.to_latent(x, none(4000), z);
      for (Index j = 0; j < 2; ++j) {
        CHECK(std::fabs(z.col(j).mean()) < 0.08);
        CHECK(z.col(j).squaredNorm() / 4000 == doctest::Approx(1).epsilon(0.1));
      }
      // Importance sampling from the model's own draws against a wide Gaussian: the mean of
      // q(x) / p(x) over draws of p is the mass of q, 1.
      const auto values = log_prob(evaluator, x);
      double mass = 0;
      for (Index r = 0; r < 4000; ++r) {
        double q = 0;
        for (Index j = 0; j < 2; ++j) {
          const double s = 0.3 * model.scaler.deviation[j];
          const double u = (x(r, j) - model.scaler.mean[j]) / s;
          q -= 0.5 * u * u + std::log(s) + 0.5 * std::log(2 * 3.14159265358979323846);
        }
        mass += std::exp(q - values[r]) / 4000;
      }
      CHECK(mass == doctest::Approx(1).epsilon(0.15));
    });
  }

  TEST_CASE("the same bits with any number of threads; sample rows depend on their number alone") {
    const Model model = train_banana(quick("actnorm,nsf-ar:hidden=16,planar,radial", 40));
    const Dataset data = banana(1001, 7);
    Evaluator one(model, 1);
    const auto values = log_prob(one, data.x);
    RowMatrix x, z, other;
    one.sample(9, 0, 700, none(700), 1, x);
    one.to_latent(data.x, none(1001), z);
    for (int threads : {2, 3}) {
      Evaluator many(model, threads);
      CHECK(log_prob(many, data.x) == values);
      many.to_latent(data.x, none(1001), other);
      CHECK(other == z);
      many.sample(9, 0, 700, none(700), 1, other);
      CHECK(other == x);
    }
    one.sample(9, 300, 400, none(400), 1, other);
    CHECK(other == x.bottomRows(400));
    // Columns that solve for a root must not wait for their neighbours.
    for (const char* flow :
         {"mixture:components=9,nsf-cl:hidden=8", "marginal:components=9",
          "neural-mixture:components=9:hidden=8", "planar,planar,planar", "radial,radial"}) {
      CAPTURE(flow);
      const Model solved = train_banana(quick(flow, 40));
      Evaluator whole(solved, 1);
      whole.sample(9, 0, 700, none(700), 3, x);
      for (Index first = 0; first < 700; first += 100) {
        whole.sample(9, static_cast<std::uint64_t>(first), 100, none(100), 3, other);
        CHECK(other == x.middleRows(first, 100));
      }
    }
    one.sample(10, 0, 700, none(700), 1, other);
    CHECK(other != x);
    one.sample(9, 0, 700, none(700), 0.5, other);
    RowMatrix cool;
    one.to_latent(other, none(700), cool);
    CHECK(cool.squaredNorm() / 1400 == doctest::Approx(0.25).epsilon(0.1));
  }

  TEST_CASE(
      "rows beyond the precision have log p = -inf and NaN coordinates, never a wrong number") {
    const Model model = train_banana(quick("actnorm,conv1x1,maf:hidden=8", 40));
    RowMatrix x(3, 2);
    x << 1000, -5, 1e300, -5, 1e308, 1e308;
    Evaluator evaluator(model, 1);
    const auto values = log_prob(evaluator, x);
    CHECK(std::isfinite(values[0]));
    CHECK(values[1] == -std::numeric_limits<double>::infinity());
    CHECK(values[2] == -std::numeric_limits<double>::infinity());
    RowMatrix z;
    evaluator.to_latent(x, none(3), z);
    CHECK(std::isfinite(z(0, 0)));
    CHECK(std::isnan(z(1, 0)));
  }

  TEST_CASE("rows ever farther out: latent rows are far out too, or NaN") {
    for (const Precision precision : {Precision::float32, Precision::float64}) {
      each_model(precision, [&](const Model& model) {
        Evaluator evaluator(model, 1);
        for (int power = 4; power <= 308; power += 4) {
          RowMatrix x(4, 2), z;
          const double far = std::pow(10.0, power);
          x << far, 0.5, 0.5, far, -far, far, 0.5, -far;
          const std::vector<double> values = log_prob(evaluator, x);
          evaluator.to_latent(x, none(4), z);
          for (Index r = 0; r < 4; ++r) {
            CAPTURE(far);
            CAPTURE(r);
            CHECK(values[static_cast<std::size_t>(r)] < -50);  // and no NaN
            const bool is_far = z.row(r).stableNorm() > 10 || std::isnan(z(r, 0));
            CHECK(is_far);
          }
        }
      });
    }
  }

  TEST_CASE("context reaches every kind of link") {
    for (const FlowKind* kind : flow_kinds()) {
      if (kind->context == ContextUse::none) continue;
      CAPTURE(kind->name);
      const Model model =
          train({"y"}, {"c"}, wave(500, 1), wave(200, 2), quick(kind->name, 150), nullptr);
      Evaluator evaluator(model, 1);
      RowMatrix y(2, 1), c(2, 1);
      y << 0.9, 0.9;
      c << 0.78, -0.78;  // sin(2c) is 1 and -1
      std::vector<double> values;
      evaluator.log_prob(y, c, values);
      CHECK(values[0] > values[1] + 0.5);
    }
  }
}
