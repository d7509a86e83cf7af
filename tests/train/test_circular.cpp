#include <doctest/doctest.h>

#include <cmath>

#include "nflow/defaults.h"
#include "nflow/error.h"
#include "nflow/mixture_search.h"
#include "nflow/model_file.h"
#include "nflow/windings.h"
#include "sanitized.h"
#include "standardised.h"
#include "train/circles.h"

// Densities with circular columns: an hour of the day, angles, and what depends on them.

using namespace nflow;
using namespace nflow::testing;

namespace {

double von_mises_log_density(double angle, double concentration) {
  return concentration * std::cos(angle) -
         std::log(2 * kPi * std::cyl_bessel_i(0.0, concentration));
}

double follower_log_density(double y, double angle) {
  const double away = (y - 10 - mean_at(angle)) / 0.4;
  return von_mises_log_density(angle - kPi, 1) - 0.5 * away * away -
         std::log(0.4 * std::sqrt(2 * kPi));
}

constexpr double kNarrow = 0.01;  // radians

/// The same, but much nearer, all the way round.
Dataset close_companions(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, kNarrow);
  Dataset data = companions(rows, seed);
  for (Index r = 0; r < rows; ++r) data.x(r, 1) = wrapped(data.x(r, 0) + normal(random));
  return data;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / double(values.size());
}

/// A grid over a circle, midpoints of n cells.
double cell(const Support& circle, Index i, Index n) {
  return circle.low + (circle.high - circle.low) * (double(i) + 0.5) / double(n);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("one circular column: von Mises about the seam, mass one, no step at the seam") {
    const Model model = train_with({kDay}, hours(4000, 1), hours(1000, 2), steps("maf", 400));
    CHECK(model.flow.links.empty());
    const RowMatrix test = hours(5000, 3).x;
    std::vector<double> gap = log_prob(model, test);
    for (std::size_t r = 0; r < gap.size(); ++r) {
      const double angle = (test(Index(r), 0) - kLate) * 2 * kPi / 24;
      gap[r] = von_mises_log_density(angle, kConcentration) + std::log(2 * kPi / 24) - gap[r];
    }
    MESSAGE("von Mises: ", mean(gap), " nats from the exact density");
    CHECK(mean(gap) < 0.02);
    CHECK(mean(gap) > -0.005);

    RowMatrix grid(20000, 1);
    for (Index i = 0; i < grid.rows(); ++i) grid(i, 0) = cell(kDay, i, grid.rows());
    double mass = 0;
    for (const double value : log_prob(model, grid)) mass += std::exp(value) * 24 / 20000;
    MESSAGE("mass ", mass);
    CHECK(mass == doctest::Approx(1).epsilon(0.002));

    RowMatrix seam(8, 1);
    seam << 0, 24, 1e-9, 24 - 1e-9, 1e-6, 24 - 1e-6, 1e-4, 24 - 1e-4;
    const auto at = log_prob(model, seam);
    MESSAGE("at the seam ", at[0] - at[1], ", a ten-thousandth away ", at[6] - at[7]);
    for (int i = 0; i < 8; i += 2) CHECK(std::fabs(at[i] - at[i + 1]) < 1e-3);
    CHECK(std::fabs(at[0] - at[6]) < 1e-3);
  }

  TEST_CASE("a column that follows an angle does so across the seam") {
    for (const std::string flow : {"actnorm,nsf-ar:hidden=32", "mixture:components=8:fixed=yes,maf",
                                   "actnorm,conv1x1,nsf-cl:hidden=16"}) {
      CAPTURE(flow);
      const Model model = train_followers(flow);
      RowMatrix test = followers(3000, 3).x;
      auto gap = log_prob(model, test);
      for (Index r = 0; r < test.rows(); ++r) {
        gap[r] = follower_log_density(test(r, 0), test(r, 1)) - gap[r];
      }
      MESSAGE(flow, ": ", mean(gap), " nats from the exact density");
      CHECK(mean(gap) < 0.1);

      double worst = 0;
      for (int i = 0; i < 21; ++i) {
        RowMatrix ends(2, 2);
        ends << 7 + 0.3 * i, -kPi + 1e-6, 7 + 0.3 * i, kPi - 1e-6;
        const auto at = log_prob(model, ends);
        worst = std::max(worst, std::fabs(at[0] - at[1]));
      }
      MESSAGE("largest step at the seam ", worst);
      CHECK(worst < 2e-3);

      constexpr Index n = 200;
      RowMatrix grid(n * n, 2);
      for (Index i = 0; i < n * n; ++i) {
        grid.row(i) << 5 + 10 * (double(i / n) + 0.5) / n, cell(kAngle, i % n, n);
      }
      double mass = 0;
      for (const double value : log_prob(model, grid)) {
        mass += std::exp(value) * 10 / n * 2 * kPi / n;
      }
      MESSAGE("mass ", mass);
      CHECK(mass == doctest::Approx(1).epsilon(0.015));
    }
  }

  TEST_CASE("two angles: one follows the other all the way round") {
    const Model model =
        train_with({kAngle, kAngle}, companions(4000, 1), companions(1000, 2), steps("maf", 600));
    const RowMatrix test = companions(3000, 3).x;
    auto gap = log_prob(model, test);
    for (Index r = 0; r < test.rows(); ++r) {
      gap[r] = von_mises_log_density(test(r, 1) - test(r, 0), 6) - std::log(2 * kPi) - gap[r];
    }
    MESSAGE("two angles: ", mean(gap), " nats from the exact density");
    CHECK(mean(gap) < 0.1);
    for (int i = 0; i < 12; ++i) {
      const double other = cell(kAngle, i, 12);
      RowMatrix ends(4, 2);
      ends << -kPi, other, kPi, other, other, -kPi, other, kPi;
      const auto at = log_prob(model, ends);
      CHECK(std::fabs(at[0] - at[1]) < 2e-3);
      CHECK(std::fabs(at[2] - at[3]) < 2e-3);
    }
  }

  TEST_CASE("an angle that is narrow given another is learnt with nflow's own rate and length" *
            testing::kLong) {
    TrainOptions options = steps("maf", 0);
    options.supports = choose_windings(close_companions(2700, 1), {kAngle, kAngle});
    CHECK(options.supports[1].winding == std::vector<int>{1});
    options.batch_size = TrainOptions().batch_size;
    set_default_length(options, 2700);
    options.learning_rate = default_learning_rate(options, 2700);
    options.patience = default_patience(options, 2700);
    const Model model =
        train_with(options.supports, close_companions(2700, 1), close_companions(300, 2), options);
    const double truth = -std::log(2 * kPi) - std::log(kNarrow * std::sqrt(2 * kPi)) - 0.5;
    const double gap = truth - mean(log_prob(model, close_companions(5000, 3).x));
    MESSAGE("a narrow angle: ", gap, " nats from the exact density");
    CHECK(gap < 0.02);
  }

  TEST_CASE("samples with angles come as often as log p says, and never leave the circle") {
    const Model model = train_followers("actnorm,nsf-ar:hidden=16", 200);
    RowMatrix x;
    Evaluator evaluator(model, 2);
    evaluator.sample(5, 0, 20000, RowMatrix(20000, 0), 1, x);
    double shown = 0, told = 0;  // of the quarter about the seam, above 8.5
    constexpr Index n = 200;
    RowMatrix grid(n * n, 2);
    for (Index i = 0; i < n * n; ++i) {
      const double quarter = kPi * (0.75 + 0.5 * (double(i % n) + 0.5) / n);
      grid.row(i) << 8.5 + 7 * (double(i / n) + 0.5) / n, wrapped(quarter);
    }
    for (const double value : log_prob(model, grid)) told += std::exp(value) * 7 / n * kPi / 2 / n;
    for (Index r = 0; r < x.rows(); ++r) {
      shown += x(r, 0) > 8.5 && std::fabs(x(r, 1)) > 0.75 * kPi ? 1.0 / 20000 : 0;
    }
    CHECK(shown == doctest::Approx(told).epsilon(0.05));
    for (const double temperature : {1.0, 3.0, 100.0}) {
      evaluator.sample(6, 0, 2000, RowMatrix(2000, 0), temperature, x);
      for (Index r = 0; r < x.rows(); ++r) CHECK(kAngle.contains(x(r, 1)));
    }
  }

  TEST_CASE("circles beside integers and context: rows outside, there and back") {
    std::mt19937 random(4);
    std::normal_distribution<double> normal;
    const std::vector<Support> supports{kInteger, kDay, kReal, kAngle};
    const auto draw = [&](Index rows) {
      Dataset data{RowMatrix(rows, 4), RowMatrix(rows, 1)};
      for (Index r = 0; r < rows; ++r) {
        const double given = normal(random), angle = von_mises(random, 2);
        data.context(r, 0) = given;
        data.x.row(r) << std::floor(3 + given + normal(random)),
            12 + 12 / kPi * wrapped(angle + given), normal(random) + std::cos(angle), angle;
      }
      return data;
    };
    TrainOptions options = steps("actnorm,conv1x1,nsf-cl:hidden=8", 60);
    options.supports = supports;
    const Model model =
        train({"count", "hour", "y", "angle"}, {"c"}, draw(1000), draw(300), options, nullptr);
    CHECK(model.columns == std::vector<std::string>{"count", "hour", "y", "angle"});
    CHECK(model.scaler.mean[1] == 0);
    CHECK(model.scaler.deviation[3] == 1);
    CHECK(model.scaler.mean[0] > 1);

    RowMatrix x(6, 4), given = RowMatrix::Constant(6, 1, 0.3), z, back;
    x << 3, 12, 0, 1, 3, 24.5, 0, 1, 3, 12, 0, -3.2, 2.5, 12, 0, 1, 3, 0, 0, kPi, 3, 24, 0, -kPi;
    std::vector<double> values;
    Evaluator evaluator(in_double(model), 2);
    evaluator.log_prob(x, given, values);
    evaluator.to_latent(x, given, z);
    for (Index r = 0; r < 6; ++r) {
      CAPTURE(r);
      const bool inside = r == 0 || r >= 4;
      CHECK(std::isfinite(values[r]) == inside);
      CHECK(z.row(r).allFinite() == inside);
      if (!inside) CHECK(values[r] == -kInfinity);
    }
    CHECK(values[4] == doctest::Approx(values[5]).epsilon(1e-6));
    evaluator.from_latent(z.topRows(1), given.topRows(1), back);
    for (Index j = 0; j < 4; ++j) CHECK(back(0, j) == doctest::Approx(x(0, j)).epsilon(1e-8));

    // p(count, all else) summed over the counts is p(all else), whatever the angles: there the
    // chain has the integral along the line on which the counts have cells.
    RowMatrix counts(61, 4);
    for (Index i = 0; i < 61; ++i) counts.row(i) << double(i - 27), 23.9, 0.4, -2.0;
    evaluator.log_prob(counts, RowMatrix::Constant(61, 1, 0.3), values);
    double sum = 0;
    for (const double value : values) sum += std::exp(value);
    const double step = 1e-3;  // in standardised numbers
    RowMatrix line = standardised_rows(model, counts.topRows(1), Random(0, Purpose::check), 0)
                         .replicate(20000, 1);
    for (Index i = 0; i < line.rows(); ++i) line(i, 0) = (double(i) - 9999.5) * step;
    Evaluator(standardised(in_double(model)), 2)
        .log_prob(line, RowMatrix::Constant(line.rows(), 1, 0.3), values);
    double integral = 0;
    for (const double value : values) integral += std::exp(value) * step;
    for (const std::size_t j : {1, 2, 3}) {
      const double value = counts(0, static_cast<Index>(j));
      integral *= std::exp(supports[j].log_slope(value)) / model.scaler.deviation[j];
    }
    CHECK(sum == doctest::Approx(integral).epsilon(1e-3));
  }

  TEST_CASE("rows exactly on the seam are rows like others") {
    Dataset fit = hours(500, 1);
    for (Index r = 0; r < 100; ++r) fit.x(r, 0) = r % 2 == 0 ? 0 : 24;
    const Model model = train_with({kDay}, fit, hours(200, 2), quick("maf", 100));
    for (const double value : log_prob(model, fit.x)) CHECK(std::isfinite(value));
    CHECK(model.training.validation_log_prob > -3.2);  // uniform: -log 24 = -3.18
  }

  TEST_CASE("components are chosen with angles for context") {
    CHECK(choose_components(followers(2000, 1), 16, {0, 2, 1, {kReal, kAngle}}) > 1);
  }

  TEST_CASE("models with circles do not depend on the number of threads") {
    std::string bytes;
    for (const int threads : {1, 2, 3}) {
      TrainOptions options = steps("mixture:components=3,nsf-cl:hidden=8", 40);
      options.threads = threads;
      const std::string now =
          to_bytes(train_with({kReal, kAngle}, followers(700, 1), followers(200, 2), options));
      if (bytes.empty()) bytes = now;
      CHECK(now == bytes);
    }
  }
}
