#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ask/mixed_table.h"
#include "nflow/conditional.h"
#include "nflow/evaluator.h"
#include "nflow/labels.h"
#include "stats/goodness_of_fit.h"
#include "train/toy.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

/// The density of one column of one row, by the rule of the trapezoid on a fine grid of its values.
struct Brute {
  std::vector<double> values, below;  // P(Y < value)
  std::vector<double> density;

  Brute(const Model& model, Index column, const RowMatrix& row, const RowMatrix& context,
        double low, double high, Index n = 40001) {
    RowMatrix rows = row.replicate(n, 1);
    for (Index i = 0; i < n; ++i) {
      values.push_back(low + (high - low) * double(i) / double(n - 1));
      rows(i, column) = values.back();
    }
    Evaluator(model, 1).log_prob(rows, context.replicate(n, 1), density);
    const double top = *std::max_element(density.begin(), density.end());
    double total = 0, before = 0;
    for (double& value : density) {
      value = std::exp(value - top);
      below.push_back(total += 0.5 * (before + value));
      before = value;
    }
    const double step = (high - low) / double(n - 1);
    for (double& share : below) share /= total;
    for (double& value : density) value /= total * step;
  }
  double quantile(double share) const {
    const auto at = std::lower_bound(below.begin(), below.end(), share) - below.begin();
    const auto i = std::size_t(std::max<std::ptrdiff_t>(at, 1));
    const double part = (share - below[i - 1]) / (below[i] - below[i - 1]);
    return values[i - 1] + part * (values[i] - values[i - 1]);
  }
  double mean() const {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * density[i];
    return sum * (values[1] - values[0]);
  }
  double mode() const {
    const auto at = std::max_element(density.begin(), density.end()) - density.begin();
    return values[std::size_t(at)];
  }
  double deviation() const {
    double sum = 0;
    const double middle = mean();
    for (std::size_t i = 0; i < values.size(); ++i) {
      sum += std::pow(values[i] - middle, 2) * density[i];
    }
    return std::sqrt(sum * (values[1] - values[0]));
  }
};

/// CHECKs the answers against brute force: log densities to `nats`, places to `deviations`.
void check_against(const Brute& brute, Conditional& conditional, Index column, const RowMatrix& row,
                   const RowMatrix& context, double nats, double deviations) {
  const auto answer = std::move(conditional.given(column, row, context).front());
  const ColumnDensity& found = *answer;
  const auto exact = [&](double value) {
    return conditional.density(column, row, context, found, {value}).front();
  };
  REQUIRE(found.is_known());
  CHECK(found.is_accurate());
  const double deviation = brute.deviation();
  for (const double share : {0.01, 0.05, 0.3, 0.5, 0.95, 0.999}) {
    CAPTURE(share);
    const double value = brute.quantile(share);
    CHECK(std::fabs(found.quantile(share) - value) < deviations * deviation);
    CHECK(std::fabs(found.below(value) - share) < deviations);
    const auto at = std::lower_bound(brute.values.begin(), brute.values.end(), value);
    const double density = brute.density[std::size_t(at - brute.values.begin())];
    CHECK(std::fabs(std::log(exact(*at) / density)) < nats);
    CHECK(std::fabs(std::log(found.density(*at) / density)) < 5e-3);
  }
  CHECK(std::fabs(found.mean() - brute.mean()) < deviations * deviation);
  CHECK(found.missing() == 0);
}

/// Answers for one row.
std::unique_ptr<ColumnDensity> given(Conditional& conditional, Index column, const RowMatrix& row,
                                     const RowMatrix& context = RowMatrix(1, 0)) {
  return std::move(conditional.given(column, row, context).front());
}

Model mixture(const Dataset& data, Precision precision, int components) {
  TrainOptions options = quick("mixture:components=" + std::to_string(components), 1);
  options.precision = precision;
  return train({"a", "b"}, {}, data, banana(200, 2), options, nullptr);
}

/// The last column of a mixture of double precision given the first, in closed form.
struct LastColumn {
  std::vector<double> weight, mean, deviation;

  LastColumn(const Model& model, double a) {
    const auto& theta = std::get<std::vector<double>>(model.parameters);
    const auto tensor = [&](const std::string& name) {
      for (const TensorPlace& place : tensor_places(model.flow, 2, 0)) {
        if (place.name.size() >= name.size() &&
            place.name.compare(place.name.size() - name.size(), name.size(), name) == 0) {
          return theta.data() + place.offset;
        }
      }
      FAIL("no tensor ", name);
      return theta.data();
    };
    const double *logits = tensor(".logits"), *scale = tensor(".log_scale");
    const double *slope = tensor(".mean.weight"), *intercept = tensor(".mean.bias");
    const auto components = std::size_t(model.flow.links[0].options.components);
    const double u = (a - model.scaler.mean[0]) / model.scaler.deviation[0];
    double total = 0;
    for (std::size_t k = 0; k < components; ++k) {
      const double y = (u - intercept[k]) * std::exp(scale[k]);
      weight.push_back(std::exp(logits[k] + scale[k] - y * y / 2));
      total += weight.back();
      const double middle = intercept[components + k] + slope[2 * (components + k)] * u;
      mean.push_back(model.scaler.mean[1] + model.scaler.deviation[1] * middle);
      deviation.push_back(model.scaler.deviation[1] * std::exp(-scale[components + k]));
    }
    for (double& w : weight) w /= total;
  }
  double below(double b) const {
    double sum = 0;
    for (std::size_t k = 0; k < weight.size(); ++k) {
      sum += weight[k] * 0.5 * std::erfc((mean[k] - b) / deviation[k] / std::sqrt(2.0));
    }
    return sum;
  }
  double density(double b) const {
    double sum = 0;
    for (std::size_t k = 0; k < weight.size(); ++k) {
      const double z = (b - mean[k]) / deviation[k];
      sum += weight[k] / deviation[k] * std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979324);
    }
    return sum;
  }
  double expectation() const {
    double sum = 0;
    for (std::size_t k = 0; k < weight.size(); ++k) sum += weight[k] * mean[k];
    return sum;
  }
};

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("the last column of a mixture, given the first, agrees with its closed form to 1e-9") {
    const Dataset data = banana(800, 1);
    const Model model = mixture(data, Precision::float64, 6);
    Conditional conditional(model, 1);
    const RowMatrix none(1, 0);
    const auto found = conditional.given(1, data.x.topRows(20), RowMatrix(20, 0));
    for (Index i = 0; i < 20; ++i) {
      const LastColumn exact(model, data.x(i, 0));
      const ColumnDensity& density = *found[std::size_t(i)];
      CHECK(density.is_accurate());
      for (const double share : {1e-3, 0.05, 0.5, 0.95, 0.999}) {
        CAPTURE(share);
        const double value = density.quantile(share);
        CHECK(std::fabs(exact.below(value) - share) < 1e-9);
        CHECK(density.below(value) == doctest::Approx(share).epsilon(1e-9));
        const double at = conditional.density(1, data.x.row(i), none, density, {value}).front();
        CHECK(std::fabs(std::log(at / exact.density(value))) < 1e-8);
        CHECK(std::fabs(std::log(density.density(value) / exact.density(value))) < 1e-4);
      }
      CHECK(std::fabs(density.mean() - exact.expectation()) < 1e-8);
      const double mode = density.mode();
      for (const double away : {-1e-4, 1e-4}) {
        CHECK(exact.density(mode) >= exact.density(mode + away));
      }
    }
  }

  TEST_CASE("in single precision the answers are those of its rounding") {
    const Dataset data = banana(800, 1);
    const Model model = mixture(data, Precision::float32, 6);
    const Model exact = in_double(model);
    Conditional single(model, 1), twofold(exact, 1);
    for (const Index column : {0, 1}) {
      const auto one = single.given(column, data.x.topRows(20), RowMatrix(20, 0));
      const auto two = twofold.given(column, data.x.topRows(20), RowMatrix(20, 0));
      for (std::size_t i = 0; i < 20; ++i) {
        CHECK(one[i]->is_accurate());
        for (const double share : {0.05, 0.5, 0.95}) {
          CHECK(std::fabs(two[i]->below(one[i]->quantile(share)) - share) < 3e-5);
        }
      }
    }
  }

  TEST_CASE("quadrature of trained flows agrees with brute force") {
    const Dataset data = banana(800, 1);
    for (const std::string flow : {"nsf-ar:hidden=16:bins=6,reverse", "realnvp:hidden=16,reverse",
                                   "maf:hidden=16:activation=relu,conv1x1"}) {
      CAPTURE(flow);
      TrainOptions options = quick(std::string(flow) + "," + flow);
      options.precision = Precision::float64;
      const Model model = train_banana(options);
      Conditional conditional(model, 1);
      for (const Index column : {0, 1}) {
        const double low = column == 0 ? 600 : -5.04, high = column == 0 ? 1400 : -4.94;
        for (const Index i : {3, 4}) {
          const RowMatrix row = data.x.row(i);
          const Brute brute(model, column, row, RowMatrix(1, 0), low, high);
          check_against(brute, conditional, column, row, RowMatrix(1, 0), 1e-4, 1e-3);
        }
      }
    }
  }

  TEST_CASE("a model of one column given its context answers from its own density") {
    const Model model = train({"y"}, {"c"}, wave(800, 1), wave(200, 2),
                              quick("nsf-ar:hidden=16:bins=4", 60), nullptr);
    Conditional conditional(in_double(model), 1);
    for (const double c : {-1.0, 0.3, 1.7}) {
      const RowMatrix context = RowMatrix::Constant(1, 1, c);
      const Brute brute(in_double(model), 0, RowMatrix::Zero(1, 1), context, -4, 4);
      check_against(brute, conditional, 0, RowMatrix::Zero(1, 1), context, 1e-4, 1e-3);
    }
  }

  TEST_CASE("peaks a thousand times narrower than the column, and far from each other, are found") {
    std::mt19937 random(4);
    std::normal_distribution<double> normal;
    Dataset data{RowMatrix(900, 2), RowMatrix(900, 0)};
    for (Index r = 0; r < 900; ++r) {  // b = +-a up to a thousandth
      data.x(r, 0) = normal(random);
      data.x(r, 1) = (r % 3 == 0 ? -1 : 1) * data.x(r, 0) + 0.001 * normal(random);
    }
    TrainOptions options = quick("mixture:components=2", 1);
    options.precision = Precision::float64;
    const Model model = train({"a", "b"}, {}, data, data, options, nullptr);
    Conditional conditional(model, 1);
    for (const double a : {-1.7, -0.4, 0.9, 2.5}) {
      const LastColumn exact(model, a);
      RowMatrix row(1, 2);
      row << a, 0;
      const auto found = given(conditional, 1, row);
      for (const double share : {0.1, 0.3, 0.6, 0.9}) {
        CHECK(std::fabs(exact.below(found->quantile(share)) - share) < 1e-6);
      }
    }
  }

  TEST_CASE("a row's answer is the same alone, among others and with any number of threads") {
    const Dataset data = banana(800, 1);
    const Model model = train_banana(quick("nsf-ar:hidden=16:bins=4,reverse", 60));
    Conditional one(model, 1), three(model, 3);
    const auto many = one.given(1, data.x.topRows(300), RowMatrix(300, 0));
    const auto again = three.given(1, data.x.topRows(300), RowMatrix(300, 0));
    for (const Index i : {0, 255, 256, 299}) {
      const double alone = given(one, 1, data.x.row(i))->quantile(0.3);
      CHECK(many[std::size_t(i)]->quantile(0.3) == alone);
      CHECK(again[std::size_t(i)]->quantile(0.3) == alone);
    }
    RowMatrix other = data.x.row(0);
    other(0, 1) = std::nan("");  // the column's own value is not looked at
    CHECK(given(one, 1, other)->quantile(0.3) == many[0]->quantile(0.3));
  }

  TEST_CASE("columns of every kind: answers are those of log p at each value") {
    const Dataset data = mixed(600, 1);
    const Model model = mixed_model(data, 7);
    Conditional conditional(model, 1);
    Evaluator evaluator(model, 1);
    const auto log_prob = [&](RowMatrix row, Index column, const std::vector<double>& values) {
      RowMatrix rows = row.replicate(Index(values.size()), 1);
      for (Index i = 0; i < rows.rows(); ++i) rows(i, column) = values[std::size_t(i)];
      std::vector<double> found;
      evaluator.log_prob(rows, RowMatrix(rows.rows(), 0), found);
      return found;
    };
    for (const Index r : {0, 1}) {
      CAPTURE(r);
      const RowMatrix row = data.x.row(r);
      // Differences of log p are those of the density, for all kinds.
      const std::vector<std::vector<double>> values{
          {},          {3, 4, 5, 8},     {0.1, 0.5, 2.2, 6}, {-0.3, 0.2, 1, 2.4},
          {0.2, 3, 5}, {0.1, 0.5, 0.95}, {60, 100, 101, 190}};
      for (Index j = 1; j < 7; ++j) {
        CAPTURE(j);
        const auto found = given(conditional, j, row);
        REQUIRE(found->is_known());
        const std::vector<double>& own = values[std::size_t(j)];
        const std::vector<double> expected = log_prob(row, j, own);
        for (std::size_t i = 1; i < own.size(); ++i) {
          if (!std::isfinite(expected[i]) || !std::isfinite(expected[0])) continue;
          const double difference = std::log(found->density(own[i]) / found->density(own[0]));
          CHECK(std::fabs(difference - (expected[i] - expected[0])) < 2e-3);
        }
        double before = -1e300;
        for (const double share : {0.02, 0.2, 0.5, 0.8, 0.98}) {
          const double value = found->quantile(share);
          CHECK(value >= before);
          CHECK(found->below(value) <= share + 1e-5);
          CHECK(found->below(value) + found->at(value) >= share - 1e-5);
          before = value;
        }
      }
      const auto kind = given(conditional, 0, row);
      const std::vector<double> labels = kind->labels();
      REQUIRE(labels.size() == 3);
      CHECK(labels[0] + labels[1] + labels[2] == doctest::Approx(1));
      const auto expected = log_prob(row, 0, {label_value(0), label_value(1), label_value(2)});
      CHECK(std::log(labels[1] / labels[0]) ==
            doctest::Approx(expected[1] - expected[0]).epsilon(1e-3));
      const double likeliest = *std::max_element(labels.begin(), labels.end());
      CHECK(labels[std::size_t(label_number(kind->mode()))] == likeliest);
      CHECK(kind->tail(kind->mode()) == doctest::Approx(1));
      // Sums over all values of a grid.
      const auto count = given(conditional, 1, row);
      double total = 0, mean = 0;
      for (double k = -100; k < 200; ++k) {
        total += count->at(k);
        mean += k * count->at(k);
      }
      CHECK(total == doctest::Approx(1).epsilon(1e-6));
      CHECK(count->mean() == doctest::Approx(mean).epsilon(1e-6));
      const auto many = given(conditional, 6, row);
      total = mean = 0;
      for (double k = -200; k < 600; ++k) {
        total += many->at(k);
        mean += k * many->at(k);
      }
      CHECK(total == doctest::Approx(1).epsilon(1e-4));
      CHECK(many->mean() == doctest::Approx(mean).epsilon(1e-4));
      CHECK(many->at(many->mode()) >= many->at(many->mode() + 1));
      // A value with a mass of its own has it beside a density.
      const auto rain = given(conditional, 2, row);
      CHECK(rain->at(0) > 0.05);
      CHECK(rain->at(0.5) == 0);
      const auto temp = given(conditional, 3, row);
      CHECK(temp->missing() > 0.02);
      CHECK(temp->missing() < 0.6);
      CHECK(temp->tail(std::nan("")) == doctest::Approx(temp->missing()));
    }
  }

  TEST_CASE("the places of a model's own rows are uniform, in columns of every kind") {
    const Model model = mixed_model(mixed(600, 1), 6);
    Conditional conditional(model, 1);
    const Index n = 80;
    const RowMatrix rows = rows_of(model, n, 3);
    for (const Index j : {2, 3, 4, 5}) {
      CAPTURE(j);
      const auto found = conditional.given(j, rows, RowMatrix(n, 0));
      std::vector<double> places;
      for (Index i = 0; i < n; ++i) {
        const double value = rows(i, j);
        if (std::isnan(value)) continue;
        const ColumnDensity& density = *found[std::size_t(i)];
        const double part = std::fmod(0.5 + 0.618033988749895 * double(i), 1.0);
        places.push_back(density.below(value) + part * density.at(value));
      }
      CHECK(kolmogorov_smirnov(places).p > 0.003);
    }
  }

  TEST_CASE("where the others have no density, nothing is known") {
    const Dataset data = mixed(300, 1);
    const Model model = mixed_model(data, 7);
    Conditional conditional(model, 1);
    RowMatrix row = data.x.row(0);
    row(0, 0) = label_value(Labels::kUnseen);
    for (const Index j : {1, 2, 4, 6}) {
      const auto found = given(conditional, j, row);
      CHECK(!found->is_known());
      CHECK(std::isnan(found->quantile(0.5)));
      CHECK(std::isnan(found->mean()));
      CHECK(std::isnan(found->mode()));
      CHECK(std::isnan(found->tail(1)));
    }
    CHECK(given(conditional, 0, row)->is_known());
  }
}
