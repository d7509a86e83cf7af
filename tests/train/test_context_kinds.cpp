#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "nflow/context_kind.h"
#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/kinds.h"
#include "nflow/labels.h"
#include "nflow/model_file.h"
#include "nflow/trainer.h"

// What stands behind the bar of p(columns | context): numbers, labels, holes.

using namespace nflow;

TEST_SUITE_BEGIN("train");

namespace {

constexpr double kHole = std::numeric_limits<double>::quiet_NaN();

/// Labels a, b, c by number, of which the last is rare, each as often as it stands there.
ColumnValues labelled(const std::vector<Index>& rows, bool hole) {
  ColumnValues column;
  column.labels = {"a", "b", "c"};
  for (std::size_t label = 0; label < rows.size(); ++label) {
    for (Index i = 0; i < rows[label]; ++i) {
      column.values.push_back(label_value(static_cast<Index>(label)));
    }
  }
  if (hole) column.values.push_back(kHole);
  return column;
}

std::vector<double> shown(const ContextKind& kind, double value) {
  std::vector<double> features(static_cast<std::size_t>(kind.features()), -7);
  kind.show(value, features.data());
  return features;
}

}  // namespace

TEST_CASE("a context column of labels is an indicator for each but the first") {
  const ContextKind kind = fit_context_kind(labelled({40, 30, 20}, false), false);
  REQUIRE(kind.features() == 2);
  CHECK(shown(kind, label_value(0)) == std::vector<double>{0, 0});
  CHECK(shown(kind, label_value(1)) == std::vector<double>{1, 0});
  CHECK(shown(kind, label_value(2)) == std::vector<double>{0, 1});
  CHECK(kind.contains(label_value(2)));
  CHECK_FALSE(kind.contains(label_value(3)));
  CHECK_FALSE(kind.contains(kHole));
  CHECK(feature_names({"k"}, {kind}) == std::vector<std::string>{"k (b)", "k (c)"});
}

TEST_CASE("a hole among labels is one more, and among numbers a sign beside their mean") {
  const ContextKind labels = fit_context_kind(labelled({40, 30, 20}, true), false);
  CHECK(labels.holes);
  CHECK(labels.features() == 3);
  CHECK(shown(labels, kHole) == std::vector<double>{0, 0, 1});
  CHECK(feature_names({"k"}, {labels}).back() == "k (missing)");

  const ContextKind numbers = fit_context_kind({{1, 2, kHole, 6}, {1, 1, 5, 2}}, false);
  CHECK(numbers.fill == 3.75);
  CHECK(shown(numbers, 9) == std::vector<double>{9, 0});
  CHECK(shown(numbers, kHole) == std::vector<double>{3.75, 1});
  CHECK(feature_names({"x"}, {numbers}) == std::vector<std::string>{"x", "x (missing)"});

  const ContextKind plain = fit_context_kind({{1, 2, 6}}, false);
  CHECK(plain.is_plain());
  CHECK(shown(plain, 9) == std::vector<double>{9});
  CHECK_FALSE(plain.contains(kHole));
}

TEST_CASE("numbers are labels of a context column where somebody says so") {
  ColumnValues column;
  for (int i = 0; i < 90; ++i) column.values.push_back(10 * (i % 3));
  CHECK(fit_context_kind(column, false).is_plain());
  const ContextKind kind = fit_context_kind(column, true);
  CHECK(kind.features() == 2);
  CHECK(kind.contains(20));
  CHECK_FALSE(kind.contains(15));
}

TEST_CASE("free text and empty columns are no context") {
  ColumnValues text;
  for (Index i = 0; i < 100; ++i) {
    text.values.push_back(label_value(i));
    text.labels.push_back("text " + std::to_string(i));
  }
  CHECK_THROWS_AS(fit_context_kind(text, false), Error);
  CHECK_THROWS_AS(fit_context_kind({{kHole, kHole}}, false), Error);
}

TEST_CASE("rows of features follow the columns") {
  const std::vector<ContextKind> kinds{ContextKind(),
                                       fit_context_kind(labelled({40, 30, 20}, false), false),
                                       fit_context_kind({{1, kHole, 3}}, false)};
  CHECK(feature_count(kinds, 3) == 5);
  CHECK(feature_count({}, 3) == 3);
  RowMatrix rows(2, 3), features(2, 5);
  rows << 5, label_value(1), kHole, 6, label_value(0), 8;
  features << 5, 1, 0, 2, 1, 6, 0, 0, 8, 0;
  CHECK(context_features(rows, kinds) == features);
  rows << 1, 2, 3, 4, 5, 6;
  CHECK(context_features(rows, {}) == rows);
}

namespace {

/// x is normal about 0, 4 or -4 by the label, and narrower by a tenth where h is not missing.
Dataset rows_of(Index count, unsigned seed, const std::vector<ContextKind>& kinds) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  RowMatrix x(count, 1), context(count, 2);
  for (Index r = 0; r < count; ++r) {
    const Index label = r % 3;
    const bool hole = r % 4 == 0;
    const double h = normal(random);
    context.row(r) << label_value(label), hole ? kHole : h;
    x(r, 0) = (label == 0 ? 0 : label == 1 ? 4 : -4) + h + 0.1 * normal(random);
  }
  return {x, context_features(context, kinds)};
}

}  // namespace

TEST_CASE("a density given labels and numbers with holes is near the true one") {
  const std::vector<ContextKind> kinds{fit_context_kind(labelled({700, 700, 700}, false), false),
                                       fit_context_kind({{-1, kHole, 1}}, false)};
  TrainOptions options;
  options.context_kinds = kinds;
  options.flow = parse_flow("mixture:components=12");
  options.max_steps = 1;
  const Model model =
      train({"x"}, {"k", "h"}, rows_of(2000, 1, kinds), rows_of(200, 2, kinds), options, {});
  const Dataset fresh = rows_of(4000, 3, kinds);
  std::vector<double> log_prob;
  Evaluator(model, 1).log_prob(fresh.x, fresh.context, log_prob);
  double mean = 0;
  for (const double value : log_prob) mean += value / static_cast<double>(log_prob.size());
  const double entropy = 0.5 * std::log(2 * M_PI) + 0.5 + 0.75 * std::log(0.1);
  CHECK(mean == doctest::Approx(-entropy).epsilon(0.05));

  CHECK(format_version(model) == 4);
  const Model loaded = from_bytes(to_bytes(model), "model");
  CHECK(to_bytes(loaded) == to_bytes(model));
  CHECK(loaded.context_kinds[0].labels->data().levels == std::vector<std::string>{"a", "b", "c"});
  CHECK(loaded.context_kinds[1].fill == 0);
  std::vector<double> again;
  Evaluator(loaded, 1).log_prob(fresh.x, fresh.context, again);
  CHECK(again == log_prob);
}

TEST_SUITE_END();
