#include <doctest/doctest.h>

#include <cmath>

#include "nflow/tail.h"
#include "stats/goodness_of_fit.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

std::vector<double> shares_of(const Model& model, const RowMatrix& rows, const RowMatrix& context,
                              Index draws, int threads = 1) {
  Evaluator evaluator(model, threads);
  std::vector<double> log_prob, shares;
  evaluator.log_prob(rows, context, log_prob);
  TailShares(model, evaluator, draws)(context, log_prob, shares);
  return shares;
}

/// A density that is normal in all columns.
Model normal_model(Index columns) {
  Dataset data{RowMatrix::Random(40, columns), RowMatrix(40, 0)};
  std::vector<std::string> names;
  for (Index j = 0; j < columns; ++j) names.push_back("c" + std::to_string(j));
  return train(names, {}, data, data, quick("reverse", 1), nullptr);
}

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("tails of a normal density are those of its radius") {
    const Model model = normal_model(2);
    RowMatrix rows(4, 2);
    for (Index i = 0; i < 4; ++i) {
      rows.row(i) << model.scaler.mean[0] + double(i) * model.scaler.deviation[0],
          model.scaler.mean[1];
    }
    const std::vector<double> shares = shares_of(model, rows, RowMatrix(4, 0), 20000);
    for (Index i = 0; i < 4; ++i) {
      const double exact = std::exp(-0.5 * double(i * i));
      CHECK(std::fabs(shares[std::size_t(i)] - exact) < 4 * std::sqrt(exact / 20000) + 1e-4);
    }
    rows(0, 0) = 1e300;
    CHECK(shares_of(model, rows, RowMatrix(4, 0), 99)[0] == 1.0 / 100);
  }

  TEST_CASE("tails of a model's own rows are uniform, with contexts that come again or not") {
    const Model model = train({"y"}, {"c"}, wave(800, 1), wave(200, 2),
                              quick("nsf-ar:hidden=16:bins=4", 60), nullptr);
    Evaluator evaluator(model, 1);
    const Index n = 400;
    RowMatrix context = RowMatrix::Random(n, 1), rows;
    for (Index i = 0; i < n; i += 2) context(i, 0) = double(i % 6) / 5;
    evaluator.sample(5, 0, n, context, 1, rows);
    const std::vector<double> shares = shares_of(model, rows, context, 200);
    // All rows are counted among the same draws, whose chance must be less than that of the rows.
    CHECK(kolmogorov_smirnov(shares_of(model, rows, context, 2000)).p > 0.01);
    CHECK(shares_of(model, rows, context, 200, 3) == shares);
    // A row alone has what it has among others.
    for (const Index i : {0, 1, 399}) {
      CHECK(shares_of(model, rows.middleRows(i, 1), context.middleRows(i, 1), 200)[0] ==
            shares[std::size_t(i)]);
    }
  }
}
