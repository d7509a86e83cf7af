#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "check/checks.h"
#include "nflow/error.h"
#include "nflow/registry.h"
#include "sanitized.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

using Verdict = Finding::Verdict;

/// Names of what is off.
std::vector<std::string> faults(const Findings& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::off) names.push_back(finding.name);
  }
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Finding& find(const Findings& findings, const std::string& name) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& f) { return f.name == name; });
  REQUIRE(found != findings.end());
  return *found;
}

/// Rows of the model itself.
Dataset own_rows(const Model& model, Index n, std::uint64_t seed) {
  Evaluator evaluator(model, 1);
  Dataset data{{}, RowMatrix(n, 0)};
  evaluator.sample(seed, 0, n, data.context, 1, data.x);
  return data;
}

/// The names of the tests in which p is below alpha, for what rows say; the three functions share
/// alpha. Without what the model says by itself, which takes longer.
std::vector<std::string> doubts(const Model& model, const Dataset& data, double alpha = 0.01,
                                std::uint64_t seed = 0) {
  CheckOptions options;
  options.seed = seed;
  ThreadPool pool(1);
  const Subject subject{model, &data, options, pool};
  std::vector<std::string> names;
  for (const auto check : {check_two_samples, check_columns, check_latent}) {
    for (const Finding& finding : check(subject)) {
      if (finding.is_p && 3 * finding.figure < alpha) names.push_back(finding.name);
    }
  }
  return names;
}

/// A parameter of that name, in the first link that has it.
float& parameter(Model& model, const std::string& name, Index place) {
  for (const TensorPlace& tensor : tensor_places(model.flow, 2, 0)) {
    if (tensor.name.size() < name.size() ||
        tensor.name.compare(tensor.name.size() - name.size(), name.size(), name) != 0) {
      continue;
    }
    return std::get<std::vector<float>>(model.parameters)[tensor.offset + place];
  }
  throw Error("no parameter " + name);
}

}  // namespace

TEST_SUITE("check") {
  TEST_CASE("the tail tells rows that are too probable, and not the model's own") {
    const Model model = train_banana(quick("maf:hidden=8", 60));
    CheckOptions options;
    ThreadPool pool(1);
    Dataset own = own_rows(model, 1000, 7);
    const Finding right = tail_finding(Subject{model, &own, options, pool});
    CHECK(right.figure > 0.01);
    CHECK(right.detail.find(" % of the rows below 5 %") != std::string::npos);
    Evaluator evaluator(model, 1);
    RowMatrix narrow;  // nearer to the middle than rows should be
    evaluator.sample(7, 0, 1000, own.context, 0.8, narrow);
    own.x = narrow;
    CHECK(tail_finding(Subject{model, &own, options, pool}).figure < 1e-6);
  }

  TEST_CASE("very many columns: all that can be told is told, in memory for a few rows of them" *
            testing::kLong) {
    const Index columns = 520;
    Dataset data{RowMatrix::Random(60, columns), RowMatrix(60, 0)};
    std::vector<std::string> names;
    for (Index j = 0; j < columns; ++j) names.push_back("c" + std::to_string(j));
    const Model model = train(names, {}, data, data, quick("actnorm,maf:hidden=4", 1), nullptr);
    std::vector<std::string> begun;
    CheckOptions options;
    options.threads = 2;
    options.begins = [&](const std::string& what) { begun.push_back(what); };
    const Findings findings = check_model(model, nullptr, options);
    CHECK(faults(findings).empty());
    CHECK(findings.size() == 5);
    CHECK(find(findings, "log-determinant").figure < 1e-6);
    CHECK(begun.size() == 5);
    CHECK(begun.front() == "the round trip");
  }

  TEST_CASE("models of every kind are densities, in float or in double" * testing::kLong) {
    for (const FlowKind* kind : flow_kinds()) {
      CAPTURE(kind->name);
      TrainOptions options = quick("actnorm," + kind->name + ",conv1x1," + kind->name, 60);
      if (kind->context == ContextUse::conditioner) options.precision = Precision::float64;
      const Findings findings = check_model(train_banana(options), nullptr, {});
      CHECK(faults(findings).empty());
      CHECK(find(findings, "mass").verdict == Verdict::ok);
      CHECK(find(findings, "samples against log p").verdict == Verdict::ok);
      CHECK(find(findings, "log-determinant").figure < 1e-6);
    }
  }

  TEST_CASE("the way there and back is measured in deviations, whatever their size") {
    for (const double scale : {1e-200, 1e200}) {
      CAPTURE(scale);
      Dataset fit = banana(1000, 1), validation = banana(200, 2);
      for (Dataset* data : {&fit, &validation}) {
        data->x.col(0) = scale * (data->x.col(0).array() - 1000) / 40;
        data->x.col(1) = scale * (data->x.col(1).array() + 5) / 0.003;
      }
      const Model model =
          train({"a", "b"}, {}, fit, validation, quick("actnorm,nsf-cl:hidden=16", 60), nullptr);
      const Findings findings = check_model(model, nullptr, {});
      const Finding& way = find(findings, "round trip of rows");
      CHECK(way.verdict == Verdict::ok);
      CHECK(way.figure > 0);
    }
  }

  TEST_CASE("columns with supports are checked, with rows of their own") {
    Dataset fit = banana(2000, 1), validation = banana(500, 2);
    for (Dataset* data : {&fit, &validation}) {
      RowMatrix x(data->x.rows(), 4);
      for (Index i = 0; i < x.rows(); ++i) {
        const double a = (data->x(i, 0) - 1000) / 40, b = (data->x(i, 1) + 5) / 0.003;
        x.row(i) << std::exp(a), std::floor(2 * b + a), std::remainder(a + b / 2, 6.0),
            1 / (1 + std::exp(-b));
      }
      data->x = x;
    }
    TrainOptions options = quick("nsf-cl:hidden=16", 100);
    options.supports = {parse_support("POSITIVE"), parse_support("INTEGER"),
                        parse_support("CIRCULAR[-3,3]"), parse_support("[0,1]")};
    const Model model = train({"a", "b", "c", "d"}, {}, fit, validation, options, nullptr);
    const Dataset rows = own_rows(model, 500, 3);
    const Findings findings = check_model(model, &rows, {});
    CHECK(faults(findings).empty());
    CHECK(find(findings, "samples outside the supports").figure == 0);
    CHECK(find(findings, "samples against log p").verdict == Verdict::ok);
    Dataset outside = rows;
    outside.x(7, 0) = -1;
    outside.x(8, 1) = 0.5;
    CHECK(find(check_model(model, &outside, {}), "rows without density").figure == 2);
    // Turned by a sixth of the circle.
    for (Index i = 0; i < outside.x.rows(); ++i) {
      outside.x(i, 2) = std::remainder(rows.x(i, 2) + 1, 6.0);
    }
    CHECK(has(faults(check_model(model, &outside, {})), "column c"));
  }

  TEST_CASE("a conditional model is checked given what the rows hold") {
    const Model model = train({"y"}, {"c"}, wave(2000, 1), wave(500, 2),
                              quick("actnorm,nsf-cl:hidden=32,32", 600), nullptr);
    CHECK_THROWS_WITH_AS(check_model(model, nullptr, {}), doctest::Contains("conditioned"), Error);
    Dataset rows = wave(400, 5);
    Evaluator evaluator(model, 1);
    evaluator.sample(9, 0, 400, rows.context, 1, rows.x);
    CHECK(faults(check_model(model, &rows, {})).empty());
    // The same values in another order have other contexts.
    rows.x = RowMatrix(rows.x.colwise().reverse());
    const auto names = faults(check_model(model, &rows, {}));
    CHECK(has(names, "samples against data"));
    CHECK(has(names, "latent z1"));
  }

  TEST_CASE("rows of the model itself are rarely found wrong") {
    const Model model = train_banana(quick("actnorm,nsf-cl:hidden=16"));
    int wrong = 0;
    constexpr int runs = 60;
    for (unsigned seed = 0; seed < runs; ++seed) {
      const Dataset rows = own_rows(model, 200, seed);
      wrong += doubts(model, rows, 0.1, seed).empty() ? 0 : 1;
    }
    CHECK(wrong <= 13);  // 6 at most in the mean
    CHECK(wrong >= 1);   // and p is not always large
  }

  TEST_CASE("a model of few rows is as sound as they allow, however many rows it is held against") {
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    const auto rows = [&](Index n) {
      Dataset data{RowMatrix(n, 3), RowMatrix(n, 0)};
      for (double& x : data.x.reshaped()) x = normal(random);
      return data;
    };
    TrainOptions options = quick("mixture:components=1:fixed=yes", 1);
    std::size_t wrong = 0;
    for (int i = 0; i < 10; ++i) {
      const Model model = train({"a", "b", "c"}, {}, rows(400), rows(100), options, nullptr);
      wrong += doubts(model, rows(8000), 0.03).empty() ? 0 : 1;
    }
    CHECK(wrong == 0);
    // What is off by more than that is told.
    const Model model = train({"a", "b", "c"}, {}, rows(400), rows(100), options, nullptr);
    Dataset moved = rows(8000);
    moved.x.col(0).array() += 0.3;
    CHECK(has(doubts(model, moved), "column a"));
  }

  TEST_CASE("rows that are moved by 0.3 deviations, stretched or torn apart are found" *
            testing::kLong) {
    Model model = train_banana(quick("actnorm,nsf-cl:hidden=16"));
    model.training.rows = 0;  // the rows are its own, so that it is no estimate
    const Dataset rows = own_rows(model, 1000, 1);
    Dataset other = rows;
    CHECK(doubts(model, other).empty());
    other.x.col(0).array() += 0.3 * 40;
    CHECK(has(doubts(model, other), "column a"));
    other = rows;
    other.x.col(1) = (rows.x.col(1).array() - rows.x.col(1).mean()) * 1.2 + rows.x.col(1).mean();
    CHECK(has(doubts(model, other), "column b"));
    // Each column as it was, and no longer beside its row.
    other = rows;
    other.x.col(1) = rows.x.col(1).reverse().eval();
    const auto names = doubts(model, other);
    CHECK(has(names, "samples against data"));
    CHECK(!has(names, "column a"));
    CHECK(!has(names, "column b"));
  }

  TEST_CASE("an altered parameter leaves a density, but not that of the rows") {
    Model model = train_banana(quick("actnorm,conv1x1,nsf-cl:hidden=16"));
    const Dataset rows = own_rows(model, 1000, 1);
    parameter(model, "log_scale", 0) += 0.3F;
    CHECK(faults(check_model(model, nullptr, {})).empty());
    CHECK(!faults(check_model(model, &rows, {})).empty());
    // Until the map cannot be undone in the digits that there are.
    parameter(model, "conv1x1.lu", 2) = 1e15F;
    CHECK(has(faults(check_model(model, nullptr, {})), "round trip of latent numbers"));
  }

  TEST_CASE("samples in a void between far clusters are found, and rows where no sample is") {
    // A chain of smooth maps cannot tear the rows apart, and fills what is between.
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    const auto clusters = [&](Index n) {
      Dataset data{RowMatrix(n, 2), RowMatrix(n, 0)};
      for (Index i = 0; i < n; ++i) {
        const double centre = i % 2 == 0 ? 1e4 : 0;
        data.x.row(i) << centre + normal(random), centre + normal(random);
      }
      return data;
    };
    const Dataset rows = clusters(3000);
    const Model model = train({"a", "b"}, {}, clusters(1000), clusters(300),
                              quick("actnorm,maf:hidden=8"), nullptr);
    ThreadPool pool(1);
    const CheckOptions options;
    const auto voids = [&](const Dataset& data) {
      return faults(check_voids(Subject{model, &data, options, pool}));
    };
    CHECK(voids(rows) == std::vector<std::string>{"samples far from rows"});
    Dataset own = own_rows(model, 3000, 1);
    CHECK(voids(own).empty());
    own.x.topRows(150).array() += 1e6;
    CHECK(voids(own) == std::vector<std::string>{"rows far from samples"});
  }

  TEST_CASE("samples that are no numbers end in findings" * testing::kLong) {
    Model model = train_banana(quick("actnorm,conv1x1,nsf-cl:hidden=16"));
    const Dataset rows = own_rows(model, 200, 1);
    parameter(model, "log_scale", 0) = -100;  // beyond float on the way to the columns
    const auto names = faults(check_model(model, &rows, {}));
    CHECK(has(names, "samples outside the supports"));
    CHECK(has(names, "samples against log p"));
    CHECK(has(names, "samples against data"));
  }

  TEST_CASE("two rows are enough to find nothing, and fewer are refused") {
    const Model model = train_banana(quick("actnorm,nsf-cl:hidden=16", 20));
    const Dataset two = own_rows(model, 2, 1);
    CHECK(faults(check_model(model, &two, {})).empty());
    for (const Index n : {0, 1}) {
      const Dataset few = own_rows(model, n, 1);
      CHECK_THROWS_WITH_AS(check_model(model, &few, {}), doctest::Contains("two rows"), Error);
    }
  }

  TEST_CASE("findings do not depend on the number of threads") {
    const Model model = train_banana(quick("actnorm,nsf-cl:hidden=16", 20));
    const Dataset rows = own_rows(model, 100, 1);
    CheckOptions options;
    const Findings one = check_model(model, &rows, options);
    options.threads = 3;
    const Findings three = check_model(model, &rows, options);
    REQUIRE(one.size() == three.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      CHECK(one[i].name == three[i].name);
      CHECK(one[i].figure == three[i].figure);
    }
  }
}
