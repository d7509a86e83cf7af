#include <doctest/doctest.h>

#include <random>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"
#include "nflow/trainer.h"
#include "toy.h"
#include "train/kept_state.h"
#include "train/objective.h"
#include "train/schedule.h"
#include "train/table_batches.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

const char* const kChain = "actnorm,conv1x1,nsf-cl:hidden=16:bins=4,maf:hidden=12:dropout=0.1";

double mean_log_prob(const Model& model, const Dataset& data) {
  Evaluator evaluator(model, 1);
  std::vector<double> log_prob;
  evaluator.log_prob(data.x, data.context, log_prob);
  double sum = 0;
  for (double value : log_prob) sum += value;
  return sum / static_cast<double>(log_prob.size());
}

bool all_finite(const Model& model) {
  return std::visit(
      [](const auto& theta) {
        return std::all_of(theta.begin(), theta.end(), [](auto x) { return std::isfinite(x); });
      },
      model.parameters);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("the same bits with 1, 2 and 3 threads, in both precisions") {
    for (Precision precision : {Precision::float32, Precision::float64}) {
      TrainOptions options = quick(kChain, 30);
      options.precision = precision;
      options.threads = 1;
      const Model one = train_banana(options);
      for (int threads : {2, 3}) {
        options.threads = threads;
        CHECK(train_banana(options).parameters == one.parameters);
      }
      options.seed = 1;
      CHECK(train_banana(options).parameters != one.parameters);
    }
  }

  TEST_CASE("training finds the density it is shown, conditional ones too") {
    const Model joint =
        train_banana(quick("actnorm,nsf-cl:hidden=32,reverse,nsf-cl:hidden=32", 500));
    // The exact log p: two standard normal numbers, and a Jacobian of 40 * 0.0015.
    const double exact = -std::log(2 * 3.14159265358979) - 1 - std::log(40 * 0.0015);
    CHECK(mean_log_prob(joint, banana(4000, 9)) > exact - 0.12);
    CHECK(mean_log_prob(joint, banana(4000, 9)) < exact + 0.05);
    CHECK(joint.training.validation_log_prob ==
          doctest::Approx(mean_log_prob(joint, banana(300, 2))).epsilon(1e-5));

    const double exact_wave = -0.5 * std::log(2 * 3.14159265358979) - 0.5 - std::log(0.1);
    for (const std::string flow :
         {"maf:hidden=32,32:activation=tanh", "nsf-cl:hidden=32,32", "actnorm"}) {
      CAPTURE(flow);
      TrainOptions options = quick(flow, 1200);
      const Model given = train({"y"}, {"c"}, wave(2000, 1), wave(500, 2), options, nullptr);
      CHECK(mean_log_prob(given, wave(2000, 9)) > exact_wave - (flow == "actnorm" ? 0.5 : 0.25));
      CHECK(mean_log_prob(given, wave(2000, 9)) < exact_wave + 0.05);
    }
  }

  TEST_CASE("units: metres and millimetres differ by D log 1000") {
    TrainOptions options = quick(kChain, 60);
    options.precision = Precision::float64;
    const Model metres = train_banana(options);
    const Model millimetres =
        train({"a", "b"}, {}, banana(1000, 1, 1000), banana(300, 2, 1000), options, nullptr);
    const double difference =
        mean_log_prob(metres, banana(300, 2)) - mean_log_prob(millimetres, banana(300, 2, 1000));
    CHECK(difference == doctest::Approx(2 * std::log(1000.0)).epsilon(1e-6));
  }

  TEST_CASE("an exploding rate is rolled back and halved; a hopeless one fails and keeps nothing") {
    TrainOptions options = quick("nsf-cl:hidden=16,maf:hidden=16,conv1x1", 400);
    options.clip_norm = 0;
    options.learning_rate = 60;
    int notes = 0;
    try {
      const Model model = train({"a", "b"}, {}, banana(1000, 1), banana(300, 2), options,
                                [&](const EpochReport& report) {
                                  notes += !report.note.empty();
                                  CHECK(std::isfinite(report.validation));
                                  return true;
                                });
      CHECK(all_finite(model));
      CHECK(std::isfinite(mean_log_prob(model, banana(300, 2))));
      CHECK(notes > 0);
    } catch (const Error& e) {
      FAIL("rate 60 should recover: " << e.what());
    }
    options.learning_rate = 1e36;
    CHECK_THROWS_AS(train_banana(options), Error);
  }

  TEST_CASE("one row a million times over and a far outlier do not give a NaN") {
    Dataset data = banana(1000, 1);
    for (Index r = 0; r < 990; ++r) data.x.row(r) = data.x.row(0);
    data.x(995, 0) = 1e12;
    const Model model = train({"a", "b"}, {}, data, banana(300, 2),
                              quick("actnorm,conv1x1,nsf-cl:hidden=8", 60), nullptr);
    CHECK(all_finite(model));
  }

  TEST_CASE("limits: steps, epochs, patience, and the caller's word") {
    TrainOptions options = quick("actnorm", 25);
    CHECK(train_banana(options).training.steps == 25);
    options.max_steps = 0;
    options.epochs = 3;
    CHECK(train_banana(options).training.epochs == 3);
    CHECK(train_banana(options).training.steps == 3 * (1000 / 128));
    options.epochs = 1000;
    options.patience = 2;
    options.learning_rate = 0.3;
    CHECK(train_banana(options).training.epochs < 1000);
    int calls = 0;
    const Model stopped = train({"a", "b"}, {}, banana(1000, 1), banana(300, 2), options,
                                [&](const EpochReport&) { return ++calls < 2; });
    CHECK(stopped.training.epochs == 2);
    options.epochs = 0;
    CHECK_THROWS_AS(train_banana(options), UsageError);
  }

  TEST_CASE("a long epoch is looked at on the way, and can be cut there") {
    TrainOptions options = quick("actnorm", 0);
    options.batch_size = 1;
    options.epochs = 1;
    options.patience = 1;
    const Dataset rows = banana(9000, 1), validation = banana(300, 2);
    std::vector<Index> steps;
    const Model whole = train({"a", "b"}, {}, rows, validation, options, [&](const auto& report) {
      CHECK(report.epoch == 1);
      steps.push_back(report.step);
      return true;
    });
    CHECK(steps == std::vector<Index>{4096, 8192, 9000});
    CHECK(whole.training.epochs == 1);
    KeptState state;
    for (const Index cut : {4095, 4096, 4097}) {
      CAPTURE(cut);
      Index step = 0;
      TrainControl control;
      control.after_step = [&](const StepReport& report) { step = report.step; };
      control.wish = [&] {
        return step == cut ? TrainControl::Wish::stop : TrainControl::Wish::go_on;
      };
      control.save = state.saver();
      train({"a", "b"}, {}, rows, validation, options, nullptr, control);
      TrainControl rest;
      rest.state = state.source();
      CHECK(to_bytes(train({"a", "b"}, {}, rows, validation, options, nullptr, rest)) ==
            to_bytes(whole));
    }
  }

  TEST_CASE("each step tells how far the training is, also one that goes on") {
    TrainOptions options = quick("actnorm", 25);  // 7 batches of 128 in 1000 rows
    std::vector<StepReport> steps;
    TrainControl control;
    control.after_step = [&](const StepReport& report) { steps.push_back(report); };
    KeptState state;
    control.wish = [&] {
      return steps.size() == 10 ? TrainControl::Wish::stop : TrainControl::Wish::go_on;
    };
    control.save = state.saver();
    train({"a", "b"}, {}, banana(1000, 1), banana(300, 2), options, nullptr, control);
    REQUIRE(steps.size() == 10);
    control.state = state.source();
    train({"a", "b"}, {}, banana(1000, 1), banana(300, 2), options, nullptr, control);
    REQUIRE(steps.size() == 25);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto step = static_cast<Index>(i) + 1;
      CHECK(steps[i].step == step);
      CHECK(steps[i].epoch == 1 + (step - 1) / 7);
      CHECK(steps[i].rows == 128.0 * static_cast<double>(step));
      CHECK(steps[i].share == static_cast<double>(step) / 25);
      CHECK(steps[i].seconds >= (i == 0 ? 0 : steps[i - 1].seconds));
    }
  }

  TEST_CASE("the model kept is the one with the best validation log-likelihood") {
    TrainOptions options = quick("maf:hidden=64,64,nsf-cl:hidden=64,64", 600);
    options.schedule = TrainOptions::Schedule::constant;
    options.learning_rate = 2e-2;
    double best = -1e300, last = 0;
    Index best_epoch = 0;
    const Model model = train({"a", "b"}, {}, banana(100, 1), banana(100, 2), options,
                              [&](const EpochReport& report) {
                                if (report.best) {
                                  CHECK(report.validation > best);
                                  best = report.validation;
                                  best_epoch = report.epoch;
                                } else if (best > -1e300) {  // the start may be better still
                                  CHECK(report.validation <= best);
                                }
                                CHECK(report.best_epoch == best_epoch);
                                CHECK(report.best_validation >= report.validation);
                                last = report.validation;
                                return true;
                              });
    CHECK(last < best - 0.05);  // 100 rows: it overfits
    CHECK(model.training.validation_log_prob == best);
    CHECK(mean_log_prob(model, banana(100, 2)) == doctest::Approx(best).epsilon(1e-5));
  }

  TEST_CASE("constant columns and empty tables are named") {
    Dataset data = banana(100, 1);
    data.x.col(1).setConstant(7);
    CHECK_THROWS_WITH_AS(train({"a", "b"}, {}, data, banana(30, 2), quick("maf"), nullptr),
                         "column 'b' is constant; a density needs columns that vary", Error);
    CHECK_THROWS_AS(train({"a", "b"}, {}, banana(1, 1), banana(30, 2), quick("maf"), nullptr),
                    Error);
    CHECK_THROWS_AS(train({"a", "b"}, {}, banana(50, 1), banana(0, 2), quick("maf"), nullptr),
                    Error);
  }

  TEST_CASE("weight decay pulls weights, not biases or ActNorm") {
    TrainOptions options = quick("maf:hidden=16", 200);
    const Model free = train_banana(options);
    options.weight_decay = 3;
    const Model pulled = train_banana(options);
    const auto size = [](const Model& model, const std::string& name) {
      double sum = 0;
      for (const TensorPlace& place : tensor_places(model.flow, 2, 0)) {
        if (place.name != name) continue;
        for (Index i = 0; i < place.rows * place.cols; ++i) {
          sum += std::fabs(std::get<0>(model.parameters)[place.offset + i]);
        }
      }
      return sum;
    };
    CHECK(size(pulled, "1.maf.net.in.weight") < 0.7 * size(free, "1.maf.net.in.weight"));
    CHECK(size(free, "1.maf.net.in.weight") > 0);
  }

  TEST_CASE("noise on training rows has the deviation asked for, and no thread's own") {
    constexpr Index kRows = 4096;
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    RowMatrix numbers(kRows, 2);
    for (Index i = 0; i < numbers.size(); ++i) numbers.data()[i] = normal(random);
    const auto log_prob = [&](Index circular, double noise, int threads) {
      const Chain<double> chain(parse_flow("reverse"), 2, 0, 0, nullptr, Front{{}, circular, {}});
      TableBatches<double> batches({ScaledRows<double>(0.1 * numbers, {{0, 0}, {1, 1}}),
                                    ScaledRows<double>(RowMatrix(kRows, 0), {})},
                                   kRows, 4);
      ThreadPool pool(threads);
      Objective<double> objective(chain, batches.shards(), pool);
      const std::vector<double> theta = chain.blueprint().initial_parameters(0);
      batches.go_to(0, 0);
      return objective.batch(theta, batches, {7, 0}, noise) / kRows;
    };
    // -z^2/2 of a column loses the half of the noise's variance.
    CHECK(log_prob(0, 0, 1) - log_prob(0, 0.5, 1) == doctest::Approx(0.25).epsilon(0.05));
    CHECK(log_prob(0, 0.5, 1) == log_prob(0, 0.5, 3));
    // Columns on circles stay where they are: no density of one of them takes the noise.
    CHECK(log_prob(2, 0.5, 1) == log_prob(2, 0, 1));
  }

  TEST_CASE("weight decay leaves a fitted mixture as it is") {
    TrainOptions options = quick("mixture:fixed=yes,maf:hidden=16", 100);
    const Model free = train_banana(options);
    options.weight_decay = 3;
    const Model pulled = train_banana(options);
    Index compared = 0;
    for (const TensorPlace& place : tensor_places(free.flow, 2, 0)) {
      if (place.name.rfind("1.mixture.", 0) != 0) continue;
      for (Index i = 0; i < place.rows * place.cols; ++i, ++compared) {
        CHECK(std::get<0>(pulled.parameters)[place.offset + i] ==
              std::get<0>(free.parameters)[place.offset + i]);
      }
    }
    CHECK(compared > 0);
  }

  TEST_CASE("more epochs than can be counted are epochs without end") {
    TrainOptions options = quick("actnorm", 5);
    options.epochs = Index{1} << 62;
    CHECK(train_banana(options).training.steps == 5);
  }

  TEST_CASE("every epoch visits each row once, in an order of its own") {
    const RowMatrix numbers = Eigen::VectorXd::LinSpaced(100, 0, 99);
    const auto numbered = [&](Index rows, Index batch_size) {
      return TableBatches<double>({ScaledRows<double>(numbers.topRows(rows), {{0}, {1}}),
                                   ScaledRows<double>(RowMatrix(rows, 0), {})},
                                  batch_size, 4);
    };
    TableBatches<double> batches = numbered(100, 32);
    CHECK(batches.per_epoch() == 3);
    const Chain<double> chain(parse_flow("actnorm"), 1, 0, 0);
    Tile<double> tile(chain, 32, false);
    tile.resize(32);
    const auto epoch = [&](Index number) {
      std::vector<double> rows, weights(32);
      for (Index batch = 0; batch < 3; ++batch) {
        batches.go_to(number, batch);
        batches.fill(0, tile, weights.data());
        rows.insert(rows.end(), tile.x.data, tile.x.data + 32);
      }
      return rows;
    };
    const std::vector<double> first = epoch(0);
    std::vector<double> sorted = first;
    std::sort(sorted.begin(), sorted.end());
    CHECK(std::unique(sorted.begin(), sorted.end()) == sorted.end());
    CHECK(epoch(1) != first);
    CHECK(epoch(0) == first);
    CHECK(numbered(10, 512).shards().batch_size == 10);
  }

  TEST_CASE("the cosine falls from the rate to 0, and shards cover a batch") {
    using S = TrainOptions::Schedule;
    CHECK(scheduled_rate(S::cosine, 2, 0) == 2);
    CHECK(scheduled_rate(S::cosine, 2, 0.5) == doctest::Approx(1));
    CHECK(scheduled_rate(S::cosine, 2, 1) == doctest::Approx(0));
    CHECK(scheduled_rate(S::constant, 2, 0.9) == 2);
    for (Index batch : {1, 5, 31, 32, 100, 512, 1000, 4096, 100000}) {
      const Shards shards(batch);
      CHECK(shards.first(0) == 0);
      CHECK(shards.first(shards.count) == batch);
    }
  }
}
