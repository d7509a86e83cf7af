#include <doctest/doctest.h>

#include <algorithm>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/gaussian.h"
#include "nflow/mean_estimate.h"
#include "nflow/model_file.h"
#include "sanitized.h"
#include "train/kept_state.h"
#include "train/large.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

constexpr std::uint64_t kMemory = ~std::uint64_t{0};

struct Setting {
  int ranks = 1, threads = 1;
  std::uint64_t memory = kMemory;
  std::vector<int> cuts = {};  // after so many steps, counted from the last cut
};

TrainOptions options_for(const Columns& columns) {
  TrainOptions options = quick("mixture:components=3,conv1x1,nsf-cl:hidden=8:dropout=0.1", 70);
  if (!columns.context) options.supports = {{}, {}, parse_support("INTEGER")};
  return options;
}

/// The bytes of the model of a large table, the same of all ranks, trained in parts.
std::string trained(const std::string& path, const Columns& columns, const Setting& setting) {
  std::vector<std::string> models = as_ranks(setting.ranks, [&](Ranks* ranks) {
    const TableRows table = read_rows(path, columns, ranks, setting.memory);
    const LargeSplit parts = split(table.large, 0.1, true, 0);
    const Index context = columns.layout().context;
    std::vector<std::string> names{"x", "y"}, given(static_cast<std::size_t>(context), "c");
    if (!context) names.emplace_back("c");
    TrainOptions options = options_for(columns);
    options.threads = setting.threads;
    std::string model;
    KeptState state;
    for (std::size_t part = 0; part <= setting.cuts.size(); ++part) {
      int steps = 0;
      TrainControl control;
      control.ranks = ranks;
      // Rank 0 alone is asked to save; the others get the same state from it.
      std::vector<char> bytes =
          gather_all(ranks, ranks && ranks->rank() > 0
                                ? std::vector<char>()
                                : std::vector<char>(state.bytes.begin(), state.bytes.end()));
      state.bytes.assign(bytes.begin(), bytes.end());
      control.state = state.source();
      control.wish = [&] {
        const bool cut = part < setting.cuts.size() && ++steps == setting.cuts[part];
        return cut ? TrainControl::Wish::stop : TrainControl::Wish::go_on;
      };
      control.save = state.saver();
      model = to_bytes(train(names, given, parts.fit, parts.validation, options, nullptr, control));
    }
    return model;
  });
  for (const std::string& model : models) CHECK(model == models.front());
  return models.front();
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("a large table: the same bytes from memory and file, threads, ranks, and when cut" *
            testing::kLong) {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", sorted_table(4000));
    for (const Columns& columns :
         {Columns{true, true}, Columns{true, false}, Columns{false, false}}) {
      CAPTURE(columns.context);
      CAPTURE(columns.weighted);
      const std::string model = trained(path, columns, {});
      CHECK(trained(path, columns, {1, 3, 0}) == model);
      CHECK(trained(path, columns, {2, 1, kMemory}) == model);
      CHECK(trained(path, columns, {4, 2, 0}) == model);
      CHECK(trained(path, columns, {6, 1, 0}) == model);
      CHECK(trained(path, columns, {1, 2, 0, {1, 27, 30}}) == model);  // 28 batches an epoch
      CHECK(trained(path, columns, {3, 1, 0, {40}}) == model);
    }
  }

  TEST_CASE("a large table belongs to the ranks and batches that it was read for") {
    const ScratchFolder folder;
    const Columns columns;
    const TableRows table = read_rows(folder.write("t.csv", sorted_table(4000)), columns, nullptr);
    const LargeSplit parts = split(table.large, 0.1, true, 0);
    TrainOptions options = options_for(columns);
    options.batch_size = 1024;
    CHECK_THROWS_AS(train({"x", "y"}, {"c"}, parts.fit, parts.validation, options, nullptr),
                    UsageError);
  }

  TEST_CASE("a sorted table, large or not, is learnt equally well") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", sorted_table(6000));
    const Columns columns{true, false};
    const LargeTableSizes sizes;
    const Dataset test = to_dataset(
        read_rows(folder.write("u.csv", sorted_table(2001, "", 5)), columns, nullptr, 0, sizes)
            .rows,
        columns.layout());
    TrainOptions options = quick("actnorm,nsf-cl:hidden=32,conv1x1,nsf-cl:hidden=32", 1500);
    options.threads = 2;
    const auto log_prob = [&](const Dataset& fit, const Dataset& validation) {
      const Model model = train({"x", "y"}, {"c"}, fit, validation, options, nullptr);
      std::vector<double> values;
      Evaluator(model, 2).log_prob(test.x, test.context, values);
      return values;
    };
    const TableRows large = read_rows(path, columns, nullptr, 0);
    const LargeSplit parts = split(large.large, 0.1, true, 0);
    const RowMatrix rows = read_rows(path, columns, nullptr, 0, sizes).rows;
    std::vector<Index> fit, validation;
    for (Index r = 0; r < rows.rows(); ++r) (r % 10 == 0 ? validation : fit).push_back(r);
    const std::vector<double> small =
        log_prob(to_dataset(rows(fit, Eigen::all), columns.layout()),
                 to_dataset(rows(validation, Eigen::all), columns.layout()));
    std::vector<double> gain = log_prob(parts.fit, parts.validation);
    for (std::size_t i = 0; i < gain.size(); ++i) gain[i] -= small[i];
    const MeanEstimate difference = estimate_mean(gain, {});
    MESSAGE("large - small: " << difference.mean << " +- " << difference.error);
    CHECK(difference.mean > -0.05);
    const MeanEstimate normal =
        estimate_mean(Gaussian(to_dataset(rows, columns.layout())).log_prob(test), {});
    CHECK(estimate_mean(small, {}).mean > normal.mean + 0.5);
  }
}
