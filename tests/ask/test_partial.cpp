#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <random>

#include "ask/mixed_table.h"
#include "nflow/evaluator.h"
#include "nflow/partial.h"
#include "sanitized.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

const double kGone = unknown_value();

/// Three columns that hang together, the third in two groups.
Dataset three(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Dataset data{RowMatrix(rows, 3), RowMatrix(rows, 0)};
  for (Index r = 0; r < rows; ++r) {
    const double a = normal(random), b = 0.6 * a + 0.5 * normal(random);
    data.x.row(r) << 10 + 3 * a, b, (r % 3 == 0 ? -2 : 1.5) + 0.7 * a * b + 0.4 * normal(random);
  }
  return data;
}

Model model_of_three(const std::string& flow, Precision precision, Index steps) {
  TrainOptions options = quick(flow, steps);
  options.precision = precision;
  return train({"a", "b", "c"}, {}, three(900, 1), three(300, 2), options, nullptr);
}

RowMatrix row_of(const std::vector<double>& values) {
  RowMatrix row(1, Index(values.size()));
  for (std::size_t j = 0; j < values.size(); ++j) row(0, Index(j)) = values[j];
  return row;
}

KnownDensity known(Partial& partial, const RowMatrix& row) {
  return partial.log_prob(row, RowMatrix(1, 0)).front();
}

/// log of the integral of the model's density over the unknown columns, on grids of these ends.
double brute(const Model& model, const RowMatrix& row, double low, double high, Index n) {
  std::vector<Index> gone;
  for (Index j = 0; j < row.cols(); ++j) {
    if (is_unknown(row(0, j))) gone.push_back(j);
  }
  const double step = (high - low) / double(n - 1);
  Index all = 1;
  for (std::size_t j = 0; j < gone.size(); ++j) all *= n;
  RowMatrix rows = row.replicate(all, 1);
  for (Index i = 0; i < all; ++i) {
    Index number = i;
    for (const Index j : gone) {
      const double unit = j == 0 ? 3 : 1, middle = j == 0 ? 10 : 0;
      rows(i, j) = middle + unit * (low + step * double(number % n));
      number /= n;
    }
  }
  std::vector<double> found;
  Evaluator(model, 1).log_prob(rows, RowMatrix(all, 0), found);
  double sum = 0;
  for (const double value : found) sum += std::exp(value);
  for (const Index j : gone) sum *= step * (j == 0 ? 3 : 1);
  return std::log(sum);
}

/// A mixture's components in the units of the columns.
struct Components {
  std::vector<double> weight;
  std::vector<Eigen::VectorXd> mean;
  std::vector<Eigen::MatrixXd> covariance;

  explicit Components(const Model& model) {
    const auto& theta = std::get<std::vector<double>>(model.parameters);
    const auto columns = Index(model.columns.size());
    const auto tensor = [&](const std::string& name) {
      for (const TensorPlace& place : tensor_places(model.flow, columns, 0)) {
        const auto from = place.name.rfind(name);
        if (from != std::string::npos && from + name.size() == place.name.size()) {
          return theta.data() + place.offset;
        }
      }
      FAIL("no tensor ", name);
      return theta.data();
    };
    const double *logits = tensor(".logits"), *scale = tensor(".log_scale");
    const double *slope = tensor(".mean.weight"), *intercept = tensor(".mean.bias");
    const auto components = Index(model.flow.links[0].options.components);
    double total = 0;
    for (Index k = 0; k < components; ++k) total += std::exp(logits[k]);
    for (Index k = 0; k < components; ++k) {
      weight.push_back(std::exp(logits[k]) / total);
      Eigen::MatrixXd back = Eigen::MatrixXd::Identity(columns, columns);
      Eigen::VectorXd shift(columns), deviation(columns), unit(columns), middle(columns);
      for (Index e = 0; e < columns; ++e) {
        const Index at = e * components + k;
        shift[e] = intercept[at];
        deviation[e] = std::exp(-scale[at]);
        unit[e] = model.scaler.deviation[std::size_t(e)];
        middle[e] = model.scaler.mean[std::size_t(e)];
        for (Index i = 0; i < e; ++i) back(e, i) = -slope[at * columns + i];
      }
      const Eigen::MatrixXd turn = unit.asDiagonal() * back.inverse();
      mean.push_back(middle + turn * shift);
      covariance.push_back(turn * deviation.array().square().matrix().asDiagonal() *
                           turn.transpose());
    }
  }
  /// Log density of these columns of a row, by component.
  std::vector<double> log_density(const RowMatrix& row, const std::vector<Index>& columns) const {
    std::vector<double> terms;
    for (std::size_t k = 0; k < weight.size(); ++k) {
      const Eigen::MatrixXd own = covariance[k](columns, columns);
      const Eigen::VectorXd away = row(0, columns).transpose() - mean[k](columns);
      terms.push_back(std::log(weight[k]) - 0.5 * away.dot(own.inverse() * away) -
                      0.5 * std::log(own.determinant()) -
                      double(columns.size()) * 0.91893853320467274);
    }
    return terms;
  }
};

double log_sum(const std::vector<double>& terms) {
  const double top = *std::max_element(terms.begin(), terms.end());
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - top);
  return top + std::log(sum);
}

std::vector<double> column(const RowMatrix& rows, Index j) {
  return {rows.col(j).begin(), rows.col(j).end()};
}

struct Moments {
  double mean = 0, deviation = 0;
  explicit Moments(const std::vector<double>& values) {
    for (const double value : values) mean += value / double(values.size());
    for (const double value : values) deviation += std::pow(value - mean, 2);
    deviation = std::sqrt(deviation / double(values.size()));
  }
};

}  // namespace

TEST_SUITE("ask") {
  TEST_CASE("what is known of a mixture's row has the density of the closed form, to 1e-9") {
    const Model model = model_of_three("mixture:components=5", Precision::float64, 1);
    const Components exact(model);
    Partial partial(model, 1);
    const Dataset data = three(10, 7);
    for (const std::vector<Index>& gone :
         {std::vector<Index>{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}}) {
      for (Index r = 0; r < 10; ++r) {
        RowMatrix row = data.x.row(r);
        std::vector<Index> held{0, 1, 2};
        for (const Index j : gone) {
          row(0, j) = kGone;
          held.erase(std::find(held.begin(), held.end(), j));
        }
        const KnownDensity found = known(partial, row);
        CHECK(std::fabs(found.log_prob - log_sum(exact.log_density(row, held))) < 1e-9);
        CHECK(found.error == 0);
        CHECK(found.enough);
      }
    }
    Model single = model;
    const auto& theta = std::get<std::vector<double>>(model.parameters);
    single.parameters = std::vector<float>(theta.begin(), theta.end());
    Partial of_float(single, 1);
    for (Index r = 0; r < 10; ++r) {
      RowMatrix row = data.x.row(r);
      row(0, 1) = kGone;
      CHECK(std::fabs(known(of_float, row).log_prob - known(partial, row).log_prob) < 1e-5);
    }
  }

  TEST_CASE("draws of a mixture given what is known have the moments of the closed form") {
    const Model model = model_of_three("mixture:components=5", Precision::float64, 1);
    const Components exact(model);
    Partial partial(model, 1);
    RowMatrix row = row_of({11.5, kGone, kGone});
    const Index n = 4000;
    const PartialDraws draws = partial.draw(row, RowMatrix(1, 0), 3, 0, n);
    CHECK(std::isinf(draws.effective[0]));
    CHECK((draws.rows.col(0).array() == 11.5).all());
    const std::vector<double> log_share = exact.log_density(row, {0});
    for (const Index j : {1, 2}) {
      double mean = 0, square = 0;
      for (std::size_t k = 0; k < log_share.size(); ++k) {
        const double share = std::exp(log_share[k] - log_sum(log_share));
        const Eigen::MatrixXd& c = exact.covariance[k];
        const double own = exact.mean[k][j] + c(j, 0) / c(0, 0) * (11.5 - exact.mean[k][0]);
        mean += share * own;
        square += share * (own * own + c(j, j) - c(j, 0) * c(j, 0) / c(0, 0));
      }
      const double deviation = std::sqrt(square - mean * mean);
      const Moments found(column(draws.rows, j));
      CHECK(std::fabs(found.mean - mean) < 4 * deviation / std::sqrt(double(n)));
      CHECK(found.deviation == doctest::Approx(deviation).epsilon(0.06));
    }
  }

  TEST_CASE("one unknown column of a trained flow: brute force agrees to 1e-4 nats" *
            testing::kLong) {
    for (const char* flow : {"nsf-ar:hidden=16:bins=4,reverse", "mixture:components=3,realnvp"}) {
      const Model model = model_of_three(flow, Precision::float64, 80);
      Partial partial(model, 1);
      for (const Index j : {0, 1, 2}) {
        RowMatrix row = row_of({12, 0.4, 1.1});
        row(0, j) = kGone;
        const KnownDensity found = known(partial, row);
        CHECK(std::fabs(found.log_prob - brute(model, row, -9, 9, 20001)) < 1e-4);
        CHECK(found.error == 0);
      }
    }
  }

  TEST_CASE("columns that are independent have the sum of what each has") {
    const Model model = model_of_three("marginal:components=4", Precision::float64, 1);
    Partial partial(model, 1);
    const auto of = [&](double a, double b, double c) {
      const KnownDensity found = known(partial, row_of({a, b, c}));
      CHECK(found.error == 0);
      return found.log_prob;
    };
    const double a = of(12, kGone, kGone), b = of(kGone, 0.4, kGone), c = of(kGone, kGone, 1.1);
    CHECK(std::fabs(of(12, 0.4, 1.1) - (a + b + c)) < 1e-7);
    CHECK(std::fabs(of(kGone, 0.4, 1.1) - (b + c)) < 1e-7);
    CHECK(std::fabs(of(12, kGone, 1.1) - (a + c)) < 1e-7);
    const PartialDraws draws = partial.draw(row_of({12, kGone, kGone}), RowMatrix(1, 0), 1, 0, 900);
    CHECK(std::isinf(draws.effective[0]));
    CHECK(Moments(column(draws.rows, 2)).deviation > 1);
  }

  TEST_CASE("two unknown columns of a trained flow: within four standard errors of brute force" *
            testing::kLong) {
    const Model model =
        model_of_three("maf:hidden=16,conv1x1,nsf-cl:hidden=16:bins=4", Precision::float64, 120);
    Partial partial(model, 1);
    for (const std::vector<double>& values :
         {std::vector<double>{12, kGone, kGone}, {kGone, 0.4, kGone}, {kGone, kGone, 1.1}}) {
      const RowMatrix row = row_of(values);
      const KnownDensity found = known(partial, row);
      CHECK(found.enough);
      CHECK(found.error > 0);
      CHECK(found.error <= 0.03);
      CHECK(std::fabs(found.log_prob - brute(model, row, -9, 9, 361)) < 4 * found.error + 1e-4);
    }
    CHECK(known(partial, row_of({kGone, kGone, kGone})).log_prob == 0);
  }

  TEST_CASE("draws of a trained flow given one column have its conditional moments" *
            testing::kLong) {
    const Model model =
        model_of_three("maf:hidden=16,conv1x1,nsf-cl:hidden=16:bins=4", Precision::float64, 120);
    Partial partial(model, 1);
    const RowMatrix row = row_of({kGone, 0.4, kGone});
    const Index n = 600;
    const PartialDraws draws = partial.draw(row, RowMatrix(1, 0), 5, 0, n);
    CHECK(draws.enough[0]);
    CHECK(draws.effective[0] >= 4 * double(n));
    // The conditional mean of c, by sums over a grid.
    double mass = 0, mean = 0, square = 0;
    for (double c = -9; c <= 9; c += 0.05) {
      const double density = std::exp(brute(model, row_of({kGone, 0.4, c}), -9, 9, 361));
      mass += density;
      mean += density * c;
      square += density * c * c;
    }
    mean /= mass;
    const double deviation = std::sqrt(square / mass - mean * mean);
    const Moments found(column(draws.rows, 2));
    CHECK(std::fabs(found.mean - mean) < 4.5 * deviation / std::sqrt(double(n)));
    CHECK(found.deviation == doctest::Approx(deviation).epsilon(0.12));
    // No row is there twice.
    std::vector<double> values = column(draws.rows, 0);
    std::sort(values.begin(), values.end());
    CHECK(std::adjacent_find(values.begin(), values.end()) == values.end());
  }

  TEST_CASE("columns of every kind: probabilities of what is known are those of the model's rows") {
    const Model model = mixed_model(mixed(600, 1), 7);
    Partial partial(model, 1);
    const Index n = 8000;
    const RowMatrix rows = rows_of(model, n, 3);
    RowMatrix gone = RowMatrix::Constant(1, 7, kGone);
    const auto near = [&](const RowMatrix& row, const auto& counts) {
      const double share =
          double(std::count_if(counts.begin(), counts.end(), [](bool yes) { return yes; })) /
          double(n);
      const KnownDensity found = known(partial, row);
      CHECK(found.enough);
      const double expected = std::exp(found.log_prob);
      const double error =
          std::hypot(std::sqrt(expected * (1 - expected) / double(n)), expected * found.error);
      CHECK(std::fabs(share - expected) < 4 * error);
    };
    for (const Index kind : {0, 1, 2}) {
      RowMatrix row = gone;
      row(0, 0) = label_value(kind);
      std::vector<bool> yes;
      for (Index i = 0; i < n; ++i) yes.push_back(label_number(rows(i, 0)) == kind);
      near(row, yes);
    }
    for (const double count : {3.0, 4.0, 5.0}) {
      RowMatrix row = gone;
      row(0, 1) = count;
      std::vector<bool> yes;
      for (Index i = 0; i < n; ++i) yes.push_back(rows(i, 1) == count);
      near(row, yes);
    }
    RowMatrix row = gone;
    row(0, 2) = 0;
    row(0, 3) = std::nan("");
    std::vector<bool> yes;
    for (Index i = 0; i < n; ++i) yes.push_back(rows(i, 2) == 0 && is_hole(rows(i, 3)));
    near(row, yes);
    row = gone;
    row(0, 6) = 100;
    yes.clear();
    for (Index i = 0; i < n; ++i) yes.push_back(rows(i, 6) == 100);
    near(row, yes);
  }

  TEST_CASE("columns of every kind: the densities of one known column have mass one" *
            testing::kLong) {
    const Model model = mixed_model(mixed(600, 1), 6);
    Partial partial(model, 1);
    for (const Index j : {4, 5}) {
      CAPTURE(j);
      const Index n = 120;
      RowMatrix rows = RowMatrix::Constant(n, 6, kGone);
      const double width = j == 4 ? 6 : 1;
      for (Index i = 0; i < n; ++i) rows(i, j) = width * (double(i) + 0.5) / double(n);
      double mass = 0, error = 0;
      for (const KnownDensity& found : partial.log_prob(rows, RowMatrix(n, 0))) {
        mass += std::exp(found.log_prob) * width / double(n);
        error += std::exp(found.log_prob) * width / double(n) * found.error;
      }
      CHECK(std::fabs(mass - 1) < 3 * error + 5e-3);
    }
  }

  TEST_CASE("draws given some columns of every kind are those that the model pairs with them" *
            testing::kLong) {
    const Model model = mixed_model(mixed(600, 1), 7);
    Partial partial(model, 1);
    const Index n = 900;
    const RowMatrix rows = rows_of(model, n, 4);
    // Rows of the model, some columns drawn anew given the others: rows of the model again.
    for (const std::vector<Index>& gone :
         {std::vector<Index>{0, 3}, {1, 4, 5}, {0, 1, 2, 3}, {4, 5, 6}, {2, 6}}) {
      RowMatrix some = rows;
      for (const Index j : gone) some.col(j).setConstant(kGone);
      const PartialDraws draws = partial.draw(some, RowMatrix(n, 0), 9, 0, 1);
      for (Index j = 0; j < 7; ++j) {
        CAPTURE(j);
        if (std::find(gone.begin(), gone.end(), j) == gone.end()) {
          for (Index i = 0; i < n; ++i) CHECK(bits_of(draws.rows(i, j)) == bits_of(rows(i, j)));
          continue;
        }
        const auto number = [&](double value) {
          return is_label(value) ? double(label_number(value)) : std::isnan(value) ? -1 : value;
        };
        std::vector<double> before, after, product_before, product_after;
        for (Index i = 0; i < n; ++i) {
          before.push_back(number(rows(i, j)));
          after.push_back(number(draws.rows(i, j)));
          const double other = number(rows(i, gone.front() == 2 ? 5 : 6));
          product_before.push_back(before.back() * other);
          product_after.push_back(after.back() * other);
        }
        const auto near = [&](const std::vector<double>& one, const std::vector<double>& two) {
          const Moments a(one), b(two);
          CHECK(std::fabs(a.mean - b.mean) <
                4.5 * std::hypot(a.deviation, b.deviation) / std::sqrt(double(n)));
        };
        near(before, after);
        near(product_before, product_after);
      }
    }
  }

  TEST_CASE("unknown values that are meant to be there are no holes" * testing::kLong) {
    const Model model = mixed_model(mixed(600, 1), 6);
    Partial any(model, 1), there(model, 1, true);
    RowMatrix row = RowMatrix::Constant(1, 6, kGone);
    row(0, 1) = 4;
    const Index n = 400;
    const auto holes = [&](const PartialDraws& draws) {
      Index count = 0;
      for (Index i = 0; i < n; ++i) count += is_hole(draws.rows(i, 3)) ? 1 : 0;
      return count;
    };
    CHECK(holes(any.draw(row, RowMatrix(1, 0), 1, 0, n)) > n / 20);
    const PartialDraws full = there.draw(row, RowMatrix(1, 0), 1, 0, n);
    CHECK(holes(full) == 0);
    for (const double value : full.rows.reshaped()) CHECK_FALSE(is_unknown(value));
    const PartialDraws best = there.best(row, RowMatrix(1, 0));
    CHECK(is_label(best.rows(0, 0)));
    CHECK(std::isfinite(best.rows(0, 3)));
  }

  TEST_CASE("the best value is the median of many draws" * testing::kLong) {
    const Model model =
        model_of_three("mixture:components=3,nsf-cl:hidden=16:bins=4", Precision::float32, 80);
    Partial partial(model, 1);
    for (const std::vector<double>& values :
         {std::vector<double>{kGone, 0.4, 1.1}, {kGone, kGone, 1.1}}) {
      const RowMatrix row = row_of(values);
      std::vector<double> draws = column(partial.draw(row, RowMatrix(1, 0), 1, 0, 4000).rows, 0);
      std::sort(draws.begin(), draws.end());
      const Moments spread(draws);
      const double best = partial.best(row, RowMatrix(1, 0)).rows(0, 0);
      CHECK(std::fabs(best - draws[2000]) < 0.25 * spread.deviation);
    }
  }

  TEST_CASE("answers depend neither on threads nor on the rows beside them") {
    const Model model = mixed_model(mixed(400, 1), 6);
    Partial one(model, 1), three(model, 3);
    RowMatrix rows = mixed(40, 5).x.leftCols(6);
    for (Index i = 0; i < 40; ++i) {
      rows(i, i % 6) = kGone;
      rows(i, (i * 5 + 2) % 6) = kGone;
    }
    const RowMatrix none(40, 0);
    const PartialDraws all = one.draw(rows, none, 7, 100, 3),
                       again = three.draw(rows, none, 7, 100, 3);
    const auto densities = one.log_prob(rows, none);
    for (Index k = 0; k < all.rows.size(); ++k) {
      CHECK(bits_of(all.rows.reshaped()[k]) == bits_of(again.rows.reshaped()[k]));
    }
    for (const Index i : {0, 7, 39}) {
      const PartialDraws alone =
          three.draw(rows.row(i), RowMatrix(1, 0), 7, 100 + std::uint64_t(3 * i), 3);
      for (Index j = 0; j < 6; ++j) {
        for (Index d = 0; d < 3; ++d) {
          CHECK(bits_of(alone.rows(d, j)) == bits_of(all.rows(3 * i + d, j)));
        }
      }
      CHECK(known(three, rows.row(i)).log_prob == densities[std::size_t(i)].log_prob);
    }
  }

  TEST_CASE("a model with context answers given the row's own") {
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    Dataset data{RowMatrix(900, 2), RowMatrix(900, 1)};
    for (Index r = 0; r < 900; ++r) {
      data.context(r, 0) = normal(random);
      data.x(r, 0) = data.context(r, 0) + 0.5 * normal(random);
      data.x(r, 1) = data.x(r, 0) * data.context(r, 0) + 0.3 * normal(random);
    }
    for (const char* flow : {"mixture:components=4", "nsf-ar:hidden=16:bins=4,reverse"}) {
      TrainOptions options = quick(flow, 100);
      options.precision = Precision::float64;
      const Model model = train({"a", "b"}, {"c"}, data, data, options, nullptr);
      Partial partial(model, 1);
      for (const double c : {-1.0, 0.7}) {
        const RowMatrix context = RowMatrix::Constant(1, 1, c);
        for (const Index j : {0, 1}) {
          RowMatrix row = row_of({0.8, 0.3});
          row(0, j) = kGone;
          const KnownDensity found = partial.log_prob(row, context).front();
          const Index n = 16001;
          RowMatrix rows = row.replicate(n, 1);
          for (Index i = 0; i < n; ++i) rows(i, j) = -8 + 16 * double(i) / double(n - 1);
          std::vector<double> log_prob;
          Evaluator(model, 1).log_prob(rows, context.replicate(n, 1), log_prob);
          double sum = 0;
          for (const double value : log_prob) sum += std::exp(value) * 16 / double(n - 1);
          CHECK(std::fabs(found.log_prob - std::log(sum)) < 1e-4);
        }
      }
    }
  }

  TEST_CASE("what has no density has none given anything, and stays unknown") {
    const Model model = mixed_model(mixed(400, 1), 6);
    Partial partial(model, 1);
    RowMatrix row = RowMatrix::Constant(1, 6, kGone);
    row(0, 0) = label_value(Labels::kUnseen);
    const KnownDensity found = known(partial, row);
    CHECK(found.log_prob == -std::numeric_limits<double>::infinity());
    CHECK(found.error == 0);
    const PartialDraws draws = partial.draw(row, RowMatrix(1, 0), 1, 0, 2);
    CHECK(draws.effective[0] == 0);
    CHECK_FALSE(draws.enough[0]);
    CHECK(is_unknown(draws.rows(1, 3)));
    RowMatrix whole = mixed(3, 5).x.leftCols(6);
    std::vector<double> log_prob;
    Evaluator(model, 1).log_prob(whole, RowMatrix(3, 0), log_prob);
    const auto same = partial.log_prob(whole, RowMatrix(3, 0));
    for (std::size_t i = 0; i < 3; ++i) CHECK(same[i].log_prob == log_prob[i]);
  }
}
