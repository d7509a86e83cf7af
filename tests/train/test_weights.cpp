#include <doctest/doctest.h>

#include "nflow/error.h"
#include "nflow/evaluator.h"
#include "nflow/mixture_search.h"
#include "nflow/model_file.h"
#include "scaler.h"
#include "stats/weights.h"
#include "toy.h"
#include "train/mixture_fit.h"
#include "train/objective.h"
#include "train/table_batches.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

/// Rows of the banana with weights 1, 2, 3, 1, ...; and the same rows, each as often as that.
struct Weighted {
  Dataset weighted, repeated;

  Weighted(Index rows, unsigned seed) : weighted(banana(rows, seed)) {
    std::vector<Index> lines;
    for (Index r = 0; r < rows; ++r) {
      weighted.weights.push_back(static_cast<double>(1 + r % 3));
      lines.insert(lines.end(), static_cast<std::size_t>(1 + r % 3), r);
    }
    repeated.x = weighted.x(lines, Eigen::all);
    repeated.context.resize(repeated.x.rows(), 0);
  }
};

RowMatrix standardised(const RowMatrix& rows, const Scaler& scaler) {
  RowMatrix u = rows;
  for (Index j = 0; j < u.cols(); ++j) {
    u.col(j) = (u.col(j).array() - scaler.mean[j]) / scaler.deviation[j];
  }
  return u;
}

/// The table with rows of weight 0 between the others, far from them.
Dataset with_weightless(const Dataset& data) {
  Dataset more;
  const Index rows = data.x.rows();
  more.x.resize(2 * rows, data.x.cols());
  more.context.resize(2 * rows, 0);
  for (Index r = 0; r < rows; ++r) {
    more.x.row(2 * r) = data.x.row(r);
    more.x.row(2 * r + 1).setConstant(1e300);
    more.weights.insert(more.weights.end(), {data.weights.empty() ? 1 : data.weights[r], 0});
  }
  return more;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(a[i] - b[i]));
  return most;
}

double mean_log_prob(const Model& model, const Dataset& data) {
  std::vector<double> log_prob;
  Evaluator(model, 1).log_prob(data.x, data.context, log_prob);
  return weighted_mean(log_prob, data.weights);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("integer weights are repeated rows: scaler and EM") {
    const Weighted data(500, 1);
    const Scaler weighted = fit_scaler(data.weighted.x, {"a", "b"}, data.weighted.weights);
    const Scaler repeated = fit_scaler(data.repeated.x, {"a", "b"});
    for (int j = 0; j < 2; ++j) {
      CHECK(weighted.mean[j] == doctest::Approx(repeated.mean[j]).epsilon(1e-13));
      CHECK(weighted.deviation[j] == doctest::Approx(repeated.deviation[j]).epsilon(1e-11));
    }
    ThreadPool one(1), three(3);
    const RowMatrix few = standardised(data.weighted.x, weighted);
    const RowMatrix many = standardised(data.repeated.x, weighted);
    for (Index components : {2, 4}) {
      const MixtureFit short_fit(few, one, 0, data.weighted.weights), long_fit(many, one, 0);
      const GaussianMixture a = short_fit.fit(components, 30), b = long_fit.fit(components, 30);
      CHECK(largest_difference(a.log_weight, b.log_weight) < 1e-8);
      CHECK(largest_difference(a.log_scale, b.log_scale) < 1e-8);
      CHECK(largest_difference(a.slope, b.slope) < 1e-8);
      CHECK(largest_difference(a.intercept, b.intercept) < 1e-8);
      CHECK(short_fit.mean_log_density(a, few, data.weighted.weights) ==
            doctest::Approx(long_fit.mean_log_density(a, many)).epsilon(1e-12));
      const MixtureFit threaded(few, three, 0, data.weighted.weights);
      CHECK(threaded.fit(components, 30).slope == a.slope);
    }
  }

  TEST_CASE(
      "integer weights are repeated rows: one component, but for what repeated rows hold out") {
    const Weighted data(500, 1);
    const Scaler scaler = fit_scaler(data.weighted.x, {"a", "b"}, data.weighted.weights);
    const RowMatrix few = standardised(data.weighted.x, scaler);
    const RowMatrix many = standardised(data.repeated.x, scaler);
    ThreadPool pool(1);
    const std::vector<double> none;
    const auto a = most_likely_normal({few, data.weighted.weights});
    const auto b = most_likely_normal({many, none});
    REQUIRE(a);
    REQUIRE(b);
    CHECK((a->mean - b->mean).cwiseAbs().maxCoeff() < 1e-8);
    CHECK((a->factor - b->factor).cwiseAbs().maxCoeff() < 1e-8);
    // How much wider it is, rows held out tell, which repeated ones have seen in the fit.
    const GaussianMixture one = MixtureFit(few, pool, 0, data.weighted.weights).fit(1, 30);
    const GaussianMixture other = MixtureFit(many, pool, 0).fit(1, 30);
    CHECK(largest_difference(one.log_weight, other.log_weight) < 1e-8);
    CHECK(largest_difference(one.slope, other.slope) < 1e-8);
    CHECK(largest_difference(one.intercept, other.intercept) < 1e-8);
    CHECK(largest_difference(one.log_scale, other.log_scale) < 0.02);
  }

  TEST_CASE("rows of weight 0 have no influence, however far out") {
    const Weighted data(400, 1);
    const Dataset more = with_weightless(data.weighted);
    const Scaler scaler = fit_scaler(data.weighted.x, {"a", "b"}, data.weighted.weights);
    const Scaler again = fit_scaler(more.x, {"a", "b"}, more.weights);
    CHECK(largest_difference(scaler.mean, again.mean) < 1e-9);
    CHECK(largest_difference(scaler.deviation, again.deviation) < 1e-9);
    const Dataset validation = banana(100, 2);
    const TrainOptions options = quick("mixture:components=2,nsf-cl:hidden=8", 20);
    const Model model = train({"a", "b"}, {}, data.weighted, validation, options, nullptr);
    const Model same = train({"a", "b"}, {}, more, with_weightless(validation), options, nullptr);
    CHECK(model.parameters == same.parameters);
    CHECK(model.training.rows == same.training.rows);
    CHECK(choose_components(data.weighted, 8, {0, 1}) == choose_components(more, 8, {0, 1}));
  }

  TEST_CASE("the gradient is that of the weighted mean, and equal weights are none") {
    const Weighted data(128, 1);
    const Scaler scaler = fit_scaler(data.weighted.x, {"a", "b"});
    const Chain<double> chain(parse_flow("maf:hidden=8,actnorm"), 2, 0, 0);
    const auto start = chain.blueprint().initial_parameters(0);
    const auto gradient = [&](const Dataset& set, double& sum) {
      ThreadPool pool(2);
      const ScaledData<double> rows{ScaledRows<double>(set.x, scaler),
                                    ScaledRows<double>(set.context, {}), normalised(set.weights)};
      TableBatches<double> batches(rows, set.x.rows(), 0);
      Objective<double> objective(chain, batches.shards(), pool);
      std::vector<double> theta(start.begin(), start.end());
      for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += 0.01 * std::sin(double(i));
      sum = objective.batch(theta, batches, {0, 0}) / static_cast<double>(set.x.rows());
      CHECK(sum == doctest::Approx(objective.mean(theta, rows)).epsilon(1e-12));
      std::vector<double> total(theta.size(), 0);
      for (const double* part : objective.grads()) {
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += part[i];
      }
      return total;
    };
    double weighted_sum = 0, repeated_sum = 0, sum = 0, equal_sum = 0;
    const auto weighted = gradient(data.weighted, weighted_sum);
    const auto repeated = gradient(data.repeated, repeated_sum);
    CHECK(weighted_sum == doctest::Approx(repeated_sum).epsilon(1e-12));
    CHECK(largest_difference(weighted, repeated) < 1e-12);

    Dataset plain = data.weighted, equal = data.weighted;
    plain.weights.clear();
    equal.weights.assign(equal.weights.size(), 3.7e6);
    CHECK(gradient(plain, sum) == gradient(equal, equal_sum));
    CHECK(sum == equal_sum);
  }

  TEST_CASE("a density trained by weights is that of the repeated rows") {
    const Weighted fit(1000, 1), validation(300, 2);
    TrainOptions options = quick("actnorm,nsf-cl:hidden=16,reverse,nsf-cl:hidden=16", 400);
    const Model weighted =
        train({"a", "b"}, {}, fit.weighted, validation.weighted, options, nullptr);
    const Model repeated =
        train({"a", "b"}, {}, fit.repeated, validation.repeated, options, nullptr);
    const Dataset fresh = banana(4000, 9);
    CHECK(std::fabs(mean_log_prob(weighted, fresh) - mean_log_prob(repeated, fresh)) < 0.06);
    CHECK(weighted.training.validation_log_prob ==
          doctest::Approx(mean_log_prob(weighted, validation.weighted)).epsilon(1e-5));
    options.threads = 3;
    const Model threaded =
        train({"a", "b"}, {}, fit.weighted, validation.weighted, options, nullptr);
    CHECK(threaded.parameters == weighted.parameters);
  }

  TEST_CASE("weights choose between two clusters") {
    Dataset data = banana(2000, 1);
    for (Index r = 0; r < 2000; ++r) {
      if (r % 2 == 1) data.x(r, 0) += 1000;
      data.weights.push_back(r % 2 == 1 ? 1 : 9);
    }
    const Model model =
        train({"a", "b"}, {}, data, data, quick("mixture:components=4,actnorm", 20), nullptr);
    RowMatrix rows;
    Evaluator(model, 1).sample(1, 0, 4000, RowMatrix(4000, 0), 1, rows);
    const double right = static_cast<double>((rows.col(0).array() > 1500).count()) / 4000;
    CHECK(right == doctest::Approx(0.1).epsilon(0.15));
  }

  TEST_CASE("the effective sample size, and weights that cannot be") {
    Dataset data = banana(4, 1);
    CHECK(effective_sample_size(data) == 4);
    data.weights = {1e300, 1e300, 0, 0};
    CHECK(effective_sample_size(data) == doctest::Approx(2));
    const auto refused = [&](std::vector<double> weights, const char* text) {
      data.weights = std::move(weights);
      CHECK_THROWS_WITH_AS(train({"a", "b"}, {}, data, banana(9, 2), quick("actnorm"), nullptr),
                           text, Error);
    };
    refused({1, 1, -1, 1}, "a weight of the training rows is not a finite number of 0 or more");
    refused({0, 0, 0, 0}, "all weights of the training rows are 0");
    refused({1, 1}, "the training rows need one weight each");
  }

  TEST_CASE("scaled weights keep their ratios; what is above 0 stays above 0") {
    CHECK(exponent_of(std::vector<double>{0.3, 5, 0}) == 3);
    CHECK(exponent_of(1) == 1);
    CHECK(exponent_of(5e-324) == -1073);
    CHECK(exponent_of(0) < exponent_of(5e-324));
    CHECK(scaled_weight(5, 3) == 0.625);
    CHECK(scaled_weight(0, 3) == 0);
    CHECK(scaled_weight(5e-324, -1073) == 0.5);
    CHECK(scaled_weight(1e-300, 1024) == 5e-324);
    for (const double w : normalised({1e-320, 1e-10, 1e300})) CHECK(w > 0);
  }

  TEST_CASE("weights of any size make the same model, with supports too") {
    Weighted fit(200, 1), validation(60, 2);
    TrainOptions options = quick("actnorm,maf:hidden=8", 20);
    options.supports = {{}, parse_support("[-100,100]")};
    const auto trained = [&] {
      return to_bytes(train({"a", "b"}, {}, fit.weighted, validation.weighted, options, nullptr));
    };
    const std::string usual = trained();
    for (const int exponent : {900, -1900}) {
      CAPTURE(exponent);
      for (Dataset* data : {&fit.weighted, &validation.weighted}) {
        for (double& w : data->weights) w = std::ldexp(w, exponent);
      }
      CHECK(trained() == usual);
    }
  }

  TEST_CASE("resampling takes rows as often as their weights say") {
    const auto row = [](Index i) { return i; };
    CHECK(resampled({1, 1, 1, 1}, 4, 4, row) == std::vector<Index>{0, 1, 2, 3});
    CHECK(resampled({3, 1}, 2, 8, row) == std::vector<Index>{0, 0, 0, 0, 0, 0, 1, 1});
    CHECK(resampled({1e-9, 1}, 2, 3, row) == std::vector<Index>{1, 1, 1});
  }
}
