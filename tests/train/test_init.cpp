#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/model_file.h"
#include "train/supports.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

constexpr const char* kFlow = "actnorm,conv1x1,shuffle,nsf-cl:hidden=16:bins=4";

Dataset moved(Dataset data, double by) {
  data.x.col(0).array() += by;
  return data;
}

double mean_of(const Model& model, const Dataset& data) {
  std::vector<double> log_p;
  Evaluator(model, 1).log_prob(data.x, data.context, log_p);
  double sum = 0;
  for (const double value : log_p) sum += value / double(log_p.size());
  return sum;
}

/// A training on other rows that goes on from a model.
Model go_on(const Model& init, const Dataset& fit, const Dataset& validation, Index steps,
            double rate = 1e-3) {
  TrainOptions options = quick("planar", steps);  // which the model's own takes the place of
  options.seed = 77;
  options.learning_rate = rate;
  options.init = std::make_shared<const Model>(init);
  return train(init.columns, init.context, fit, validation, options, nullptr);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("a training that goes on from a model begins with its density") {
    for (const Precision precision : {Precision::float32, Precision::float64}) {
      TrainOptions options = quick(kFlow);
      options.precision = precision;
      const Model model = train_banana(options);
      // A rate that ruins everything: what is kept is the start.
      const Model kept = go_on(model, banana(1000, 3), banana(300, 4), 3, 1e3);
      CHECK(kept.parameters == model.parameters);
      CHECK(to_text(kept.flow) == to_text(model.flow));
      CHECK(kept.scaler.mean == model.scaler.mean);
      CHECK(kept.precision() == precision);
      CHECK(kept.training.validation_log_prob ==
            doctest::Approx(mean_of(model, banana(300, 4))).epsilon(1e-6));
      const Model one = go_on(model, banana(1000, 3), banana(300, 4), 1);
      CHECK(std::fabs(mean_of(one, banana(500, 5)) - mean_of(model, banana(500, 5))) < 0.02);
    }
  }

  TEST_CASE("a few steps from a model are better than from scratch, and never worse than it") {
    const Model model = train_banana(quick(kFlow, 600));
    const Dataset fit = moved(banana(1000, 3), 30), validation = moved(banana(400, 4), 30);
    const Dataset test = moved(banana(2000, 5), 30);
    const Model further = go_on(model, fit, validation, 40, 5e-3);
    const Model scratch = train(model.columns, {}, fit, validation, quick(kFlow, 40), nullptr);
    CHECK(mean_of(further, test) > mean_of(model, test) + 0.05);
    CHECK(mean_of(further, test) > mean_of(scratch, test) + 0.02);
    for (const Index steps : {1, 5, 40}) {
      CHECK(mean_of(go_on(model, fit, validation, steps), validation) >=
            mean_of(model, validation) - 1e-6);
    }
  }

  TEST_CASE("supports, their order, integers, context and mixtures go on as they are") {
    const std::vector<Support> supports{kPositive, kCircular, kInteger, kInterval};
    TrainOptions options = quick(kFlow, 60);
    options.supports = supports;
    const Dataset fit = draws(supports, 600, 1), validation = draws(supports, 200, 2);
    const Model model = train({"p", "c", "n", "i"}, {}, fit, validation, options, nullptr);
    const Model kept = go_on(model, fit, validation, 2, 1e3);
    CHECK(log_prob(kept, validation.x) == log_prob(model, validation.x));
    // The validation rows are where they were, so the start is what the training ended with.
    TrainOptions same = options;
    same.init = std::make_shared<const Model>(model);
    same.max_steps = 1;
    same.learning_rate = 1e3;
    CHECK(train(model.columns, {}, fit, validation, same, nullptr).training.validation_log_prob ==
          doctest::Approx(model.training.validation_log_prob).epsilon(1e-9));

    const Model wavy =
        train({"y"}, {"c"}, wave(800, 1), wave(200, 2), quick("nsf-ar:hidden=16:bins=4", 60), {});
    const Model wavier = go_on(wavy, wave(800, 3), wave(200, 4), 200, 5e-3);
    CHECK(mean_of(wavier, wave(1000, 5)) > mean_of(wavy, wave(1000, 5)) + 0.05);
    CHECK(wavier.context_scaler.mean == wavy.context_scaler.mean);

    // A mixture that stays as it was fitted has to be trained by steps now.
    const Model mixture = train_banana(quick("mixture:components=8:fixed=yes"));
    const Dataset shifted = moved(banana(1000, 6), 30);
    const Model newer = go_on(mixture, shifted, moved(banana(300, 7), 30), 100, 1e-2);
    CHECK(mean_of(newer, shifted) > mean_of(mixture, shifted) + 0.05);
    CHECK(newer.parameter_count() == mixture.parameter_count());
  }

  TEST_CASE("columns that are not the model's are refused") {
    const Model model = train_banana(quick(kFlow, 5));
    TrainOptions options = quick(kFlow, 5);
    options.init = std::make_shared<const Model>(model);
    CHECK_THROWS_AS(train({"b", "a"}, {}, banana(100, 1), banana(50, 2), options, nullptr),
                    UsageError);
  }
}
