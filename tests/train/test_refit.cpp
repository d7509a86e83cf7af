#include <doctest/doctest.h>

#include "nflow/model_file.h"
#include "nflow/refit.h"
#include "toy.h"

// A start that is kept, fitted once more to all rows.

using namespace nflow;
using namespace nflow::testing;

namespace {

const std::vector<std::string> kNames{"a", "b"};

Dataset rows_of(const Dataset& data, Index first, Index count) {
  Dataset part{data.x.middleRows(first, count), RowMatrix(count, 0)};
  if (!data.weights.empty()) {
    part.weights.assign(data.weights.begin() + first, data.weights.begin() + first + count);
  }
  return part;
}

Model start_of(const Dataset& fit, const Dataset& validation, TrainOptions options) {
  options.start_only = true;
  return train(kNames, {}, fit, validation, options, nullptr);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("no step is taken where the start alone is wanted") {
    TrainOptions options = quick("mixture:components=2:fixed=no,nsf-cl:hidden=4", 50);
    const Model start = start_of(banana(80, 1), banana(20, 2), options);
    CHECK(start.training.steps == 0);
    CHECK(std::isfinite(start.training.validation_log_prob));
    CHECK(train(kNames, {}, banana(80, 1), banana(20, 2), options, nullptr).training.steps == 50);
  }

  TEST_CASE("a start that is kept is that of all rows in the end") {
    for (const bool weighted : {false, true}) {
      for (const char* support : {"REAL", "POSITIVE"}) {
        CAPTURE(weighted);
        CAPTURE(support);
        Dataset all = banana(80, 1);
        if (weighted) {
          for (Index r = 0; r < 80; ++r) all.weights.push_back(static_cast<double>(1 + r % 3));
        }
        TrainOptions options = quick("mixture:components=1:fixed=yes", 10);
        options.supports = {parse_support(support), Support{}};
        const Dataset fit = rows_of(all, 0, 60), validation = rows_of(all, 60, 20);
        const Model kept = train(kNames, {}, fit, validation, options, nullptr);
        const std::optional<Dataset> rows = rows_to_refit(kept, fit, validation);
        REQUIRE(rows);
        CHECK(rows->x == all.x);
        CHECK(rows->weights == all.weights);
        const Model again = refitted(kept, start_of(*rows, *rows, options), *rows, 1).value();
        CHECK(again.parameters == start_of(all, all, options).parameters);
        CHECK(again.parameters != kept.parameters);
        CHECK(again.scaler.mean != kept.scaler.mean);
        CHECK(again.training.rows == 80);
        CHECK(again.training.validation_rows == 20);
        CHECK(again.training.validation_log_prob == kept.training.validation_log_prob);
      }
    }
  }

  TEST_CASE("a start stays as it is where the rows are many, or it is random, or no likelier") {
    TrainOptions options = quick("mixture:components=1:fixed=yes", 10);
    const Dataset fit = banana(60, 1), validation = banana(20, 2), many = banana(5000, 3);
    const Model kept = train(kNames, {}, fit, validation, options, nullptr);
    CHECK(rows_to_refit(kept, fit, validation));
    CHECK_FALSE(rows_to_refit(kept, many, validation));
    CHECK_FALSE(refitted(kept, kept, fit, 1));
    const Model far = train(kNames, {}, banana(60, 4, 1000), validation, options, nullptr);
    CHECK_FALSE(refitted(kept, far, fit, 1));
    options = quick("maf:hidden=4", 1);
    CHECK_FALSE(
        rows_to_refit(train(kNames, {}, fit, validation, options, nullptr), fit, validation));
  }
}
