#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "nflow/model_file.h"
#include "nflow/registry.h"
#include "train/kept_state.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

using Wish = TrainControl::Wish;

struct Course {
  std::string model, history;
};

std::string line(const EpochReport& r) {
  return std::to_string(r.epoch) + ',' + std::to_string(r.step) + ',' + std::to_string(r.train) +
         ',' + std::to_string(r.validation) + ',' + r.note + '\n';
}

/// Trains, and begins anew from the state after each of `cuts` steps, counted from the last cut.
Course course(const Dataset& fit, const Dataset& validation, TrainOptions options,
              const std::vector<int>& cuts) {
  std::vector<std::string> columns, context;
  for (Index j = 0; j < fit.x.cols(); ++j) columns.push_back("x" + std::to_string(j));
  for (Index j = 0; j < fit.context.cols(); ++j) context.push_back("c" + std::to_string(j));
  Course result;
  KeptState state;
  std::string history;
  for (std::size_t part = 0; part <= cuts.size(); ++part) {
    int steps = 0;
    result.history = history;
    options.threads = 1 + static_cast<int>(part % 2);
    TrainControl control;
    control.state = state.source();
    control.wish = [&] {
      return part < cuts.size() && ++steps == cuts[part] ? Wish::stop : Wish::go_on;
    };
    control.save = [&](const StatePieces& saved) {
      state.saver()(saved);
      history = result.history;
    };
    const auto progress = [&](const EpochReport& report) {
      result.history += line(report);
      return true;
    };
    result.model = to_bytes(train(columns, context, fit, validation, options, progress, control));
  }
  return result;
}

/// Returns the history of the uncut training.
std::string check_cut(const Dataset& fit, const Dataset& validation, const TrainOptions& options,
                      unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int> cuts(3);
  for (int& cut : cuts) cut = std::uniform_int_distribution<int>(1, 7)(random);
  const Course whole = course(fit, validation, options, {});
  const Course parts = course(fit, validation, options, cuts);
  CHECK(parts.model == whole.model);
  CHECK(parts.history == whole.history);
  return whole.history;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("a training cut and resumed ends with the bytes of one that was not: every flow") {
    unsigned seed = 0;
    for (const FlowKind* kind : flow_kinds()) {
      CAPTURE(kind->name);
      std::string flow = "actnorm," + kind->name + ",conv1x1," + kind->name;
      if (std::count(kind->options.begin(), kind->options.end(), "hidden") > 0) {
        const std::string net = ":hidden=8,8:dropout=0.1";
        flow = "actnorm," + kind->name + net + ",conv1x1," + kind->name + net;
      }
      TrainOptions options = quick(flow, 24);
      options.weight_decay = 0.01;
      check_cut(banana(500, 1), banana(100, 2), options, ++seed);
      options.precision = Precision::float64;
      check_cut(banana(500, 1), banana(100, 2), options, ++seed);
    }
  }

  TEST_CASE("a training cut and resumed: mixture start, weights, context, supports, roll-backs") {
    TrainOptions options = quick("mixture:components=3,nsf-cl:hidden=8", 24);
    check_cut(banana(500, 1), banana(100, 2), options, 3);
    Dataset weighted = banana(500, 1);
    for (int i = 0; i < 500; ++i) weighted.weights.push_back(i % 3);
    check_cut(weighted, banana(100, 2), options, 4);
    check_cut(wave(500, 1), wave(100, 2), quick("nsf-ar:hidden=8", 24), 5);
    options.supports = {parse_support("POSITIVE"), parse_support("[-6,-4]")};
    check_cut(banana(500, 1), banana(100, 2), options, 6);
    options = quick("actnorm,nsf-cl:hidden=8", 60);
    options.learning_rate = 100;  // not finite after some steps
    options.clip_norm = 0;
    options.patience = 40;
    const std::string history = check_cut(banana(500, 1), banana(100, 2), options, 7);
    CHECK(history.find("was not finite") != std::string::npos);
    options.learning_rate = 5e-2;
    options.patience = 2;
    options.max_steps = 1000;
    check_cut(banana(500, 1), banana(100, 2), options, 8);
  }

  TEST_CASE(
      "a state of another flow is refused, and an interruption before the first step thrown") {
    KeptState state;
    TrainControl control;
    control.wish = [] { return Wish::stop; };
    control.save = state.saver();
    const Dataset fit = banana(500, 1), validation = banana(100, 2);
    const auto go_on = [&](const char* flow) {
      control.state = state.source();
      train({"a", "b"}, {}, fit, validation, quick(flow), nullptr, control);
    };
    go_on("maf:hidden=8");
    const std::string kept = state.bytes;
    CHECK_THROWS_AS(go_on("maf:hidden=9"), Error);
    state.bytes = kept.substr(1);
    CHECK_THROWS_AS(go_on("maf:hidden=8"), Error);
    // No number that counts something is taken as it stands: seconds, step, epoch and so on.
    for (const std::size_t place : {0, 8, 16, 24, 32, 36, 68, 76, 84, 116}) {
      CAPTURE(place);
      state.bytes = kept;
      state.bytes.replace(place, 8, 8, '\xff');
      CHECK_THROWS_AS(go_on("maf:hidden=8"), Error);
    }
    state.bytes = kept;
    CHECK_NOTHROW(go_on("maf:hidden=8"));
    control.state = nullptr;
    control.interrupted = [] { return true; };
    CHECK_THROWS_AS(
        train({"a", "b"}, {}, fit, validation, quick("mixture:components=2"), nullptr, control),
        Interrupted);
  }
}
