#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "flow_size.h"
#include "nflow/evaluator.h"
#include "nflow/kinds.h"
#include "nflow/labels.h"
#include "nflow/model_file.h"
#include "nflow/trainer.h"

// Columns that are cut into cells: labels, grids, atoms, holes.

using namespace nflow;

TEST_SUITE_BEGIN("train");

namespace {

/// A label a, b or c; a count given it; an amount with zeros given the count; a normal given the
/// label; a grade that may be missing.
RowMatrix mixed_rows(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  RowMatrix table(rows, 5);
  for (Index r = 0; r < rows; ++r) {
    const double u = uniform(random);
    const int label = u < 0.5 ? 0 : u < 0.8 ? 1 : 2;
    const int count = std::poisson_distribution<int>(1 + 2.0 * label)(random);
    const bool none = uniform(random) < (count > 2 ? 0.2 : 0.7);
    const bool hole = uniform(random) < 0.1 + 0.3 * label;
    table(r, 0) = label_value(label);
    table(r, 1) = count;
    table(r, 2) = none ? 0 : std::exp(1.2 * normal(random));
    table(r, 3) = 3 * label + normal(random);
    table(r, 4) = hole ? NAN : std::round(10 * (label + 0.5 * normal(random))) / 10;
  }
  return table;
}

double log_poisson(double k, double mean) { return k * std::log(mean) - mean - std::lgamma(k + 1); }

/// The log density of the first four columns.
double true_log_prob(const Eigen::RowVectorXd& row) {
  const int label = static_cast<int>(label_number(row(0)));
  const double share = label == 0 ? 0.5 : label == 1 ? 0.3 : 0.2;
  double log_prob = std::log(share) + log_poisson(row(1), 1 + 2.0 * label);
  const double none = row(1) > 2 ? 0.2 : 0.7;
  const double half_log_two_pi = 0.5 * std::log(2 * M_PI);
  if (row(2) == 0) {
    log_prob += std::log(none);
  } else {
    const double z = std::log(row(2)) / 1.2;
    log_prob += std::log(1 - none) - z * z / 2 - half_log_two_pi - std::log(1.2 * row(2));
  }
  const double z = row(3) - 3 * label;
  return log_prob - z * z / 2 - half_log_two_pi;
}

struct Trained {
  Model model;
  RowMatrix test;
};

std::vector<Support> fitted_supports(const RowMatrix& rows, const std::vector<std::string>& kinds) {
  std::vector<Support> supports;
  for (Index j = 0; j < rows.cols(); ++j) {
    ColumnValues column{{rows.col(j).begin(), rows.col(j).end()}};
    if (kinds[j] == "CATEGORY") column.labels = {"a", "b", "c"};
    supports.push_back(fit_cells(parse_support(kinds[j]), column, 0, 1));
  }
  return supports;
}

Trained train_mixed(const std::vector<std::string>& kinds, Index rows, Precision precision) {
  const auto columns = static_cast<Index>(kinds.size());
  const RowMatrix table = mixed_rows(rows + rows / 10, 1).leftCols(columns);
  TrainOptions options;
  options.supports = fitted_supports(table, kinds);
  options.flow = parse_flow("marginal:components=4,nsf-cl:hidden=16:bins=4");
  options.cell_net = default_cell_net(1000);
  options.precision = precision;
  options.epochs = rows > 3000 ? 60 : 12;
  std::vector<std::string> names;
  for (Index j = 0; j < columns; ++j) names.push_back("x" + std::to_string(j));
  const Dataset fit{table.topRows(rows), RowMatrix(rows, 0)};
  const Dataset validation{table.bottomRows(rows / 10), RowMatrix(rows / 10, 0)};
  return {train(names, {}, fit, validation, options, {}), mixed_rows(2000, 2).leftCols(columns)};
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::vector<double> log_probs(const Model& model, const RowMatrix& rows) {
  Evaluator evaluator(model, 1);
  std::vector<double> values;
  evaluator.log_prob(rows, RowMatrix(rows.rows(), 0), values);
  return values;
}

const std::vector<std::string> kMixed{"CATEGORY", "GRID[1]", "POSITIVE+{0}", "REAL"};

}  // namespace

TEST_CASE("a mixed table is learned nearly as well as the truth knows it") {
  const Trained trained = train_mixed(kMixed, 6000, Precision::float32);
  std::vector<double> truth;
  for (Index r = 0; r < trained.test.rows(); ++r)
    truth.push_back(true_log_prob(trained.test.row(r)));
  const double gap = mean(truth) - mean(log_probs(trained.model, trained.test));
  CAPTURE(gap);
  CHECK(gap < 0.08);
  CHECK(gap > -0.05);
}

TEST_CASE("the probabilities of labels and counts sum to one, the density integrates to one") {
  const Trained trained = train_mixed({"CATEGORY", "GRID[1]"}, 500, Precision::float64);
  RowMatrix all(3 * 400, 2);
  for (Index i = 0; i < all.rows(); ++i) {
    all(i, 0) = label_value(i / 400);
    all(i, 1) = static_cast<double>(i % 400) - 150;
  }
  double sum = 0;
  for (const double value : log_probs(trained.model, all)) sum += std::exp(value);
  CHECK(sum == doctest::Approx(1).epsilon(1e-9));

  const Trained amounts =
      train_mixed({"CATEGORY", "GRID[1]", "POSITIVE+{0}"}, 2000, Precision::float64);
  const Index steps = 20000;
  RowMatrix line(steps + 1, 3);
  for (Index i = 0; i <= steps; ++i) {
    const double u = -12 + 24.0 * (static_cast<double>(i) + 0.5) / steps;
    line.row(i) << label_value(1), 3, i == steps ? 0 : std::exp(u);
  }
  const std::vector<double> values = log_probs(amounts.model, line);
  double mass = std::exp(values.back());
  for (Index i = 0; i < steps; ++i) mass += std::exp(values[i]) * line(i, 2) * 24.0 / steps;
  // The same without the last column: all that is left of the label and the count.
  RowMatrix labels(2, 3);
  labels.row(0) << label_value(1), 3, 0;
  CHECK(mass < 1);
  // The share of one label and count among samples says how much it should be.
  Evaluator evaluator(amounts.model, 1);
  RowMatrix drawn;
  evaluator.sample(1, 0, 200000, RowMatrix(200000, 0), 1, drawn);
  double count = 0;
  for (Index r = 0; r < drawn.rows(); ++r) {
    count += label_number(drawn(r, 0)) == 1 && drawn(r, 1) == 3 ? 1 : 0;
  }
  const double share = count / 200000;
  CHECK(mass == doctest::Approx(share).epsilon(4 * std::sqrt((1 - share) / count)));
}

TEST_CASE("latent numbers are standard normal, and the inverse gives the very values") {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    const Trained trained = train_mixed(
        {"CATEGORY", "GRID[1]", "POSITIVE+{0}", "REAL", "GRID[0.1]+{missing}"}, 3000, precision);
    Evaluator evaluator(trained.model, 1);
    const RowMatrix none(trained.test.rows(), 0);
    RowMatrix z, back;
    evaluator.to_latent(trained.test, none, z);
    evaluator.from_latent(z, none, back);
    for (Index j = 0; j < z.cols(); ++j) {
      const double m = z.col(j).mean();
      CHECK(std::fabs(m) < 0.12);
      CHECK((z.col(j).array() - m).square().mean() == doctest::Approx(1).epsilon(0.15));
    }
    Index wrong = 0;
    for (Index r = 0; r < back.rows(); ++r) {
      for (Index j = 0; j < back.cols(); ++j) {
        const double x = trained.test(r, j), y = back(r, j);
        const bool same = is_label(x)  ? is_label(y) && label_number(x) == label_number(y)
                          : is_hole(x) ? is_hole(y)
                                       : std::fabs(x - y) <= 2e-3 * (1 + std::fabs(x));
        wrong += same ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
    RowMatrix again;
    evaluator.to_latent(trained.test.bottomRows(500), none.bottomRows(500), again,
                        static_cast<std::uint64_t>(trained.test.rows() - 500));
    CHECK(again == z.bottomRows(500));
  }
}

TEST_CASE("a model with cells is the same after it was saved and loaded") {
  const Trained trained =
      train_mixed({"CATEGORY", "GRID[1]", "POSITIVE+{0}", "REAL", "GRID[0.1]+{missing}"}, 500,
                  Precision::float32);
  CHECK(format_version(trained.model) == 4);
  const Model loaded = from_bytes(to_bytes(trained.model), "model");
  CHECK(to_bytes(loaded) == to_bytes(trained.model));
  CHECK(log_probs(loaded, trained.test) == log_probs(trained.model, trained.test));
}

TEST_CASE("a mixture that comes first is fitted to the numbers, whatever stands before them") {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  RowMatrix rows(1100, 4);
  for (Index r = 0; r < rows.rows(); ++r) {
    const double x = normal(random);
    rows.row(r) << label_value(r % 3), x, 2 * x + 0.1 * normal(random),
        360 * std::fmod(0.618 * static_cast<double>(r), 1);
  }
  const std::vector<std::string> kinds{"CATEGORY", "REAL", "REAL", "CIRCULAR[0,360]"};
  TrainOptions options;
  options.supports = fitted_supports(rows, kinds);
  options.cell_net = default_cell_net(1000);
  options.flow = parse_flow("mixture:components=1");
  options.max_steps = 1;
  const Model model = train({"a", "b", "c", "d"}, {}, {rows.topRows(1000), RowMatrix(1000, 0)},
                            {rows.bottomRows(100), RowMatrix(100, 0)}, options, {});
  const double truth = -std::log(3) - std::log(2 * M_PI) - 1 - std::log(0.1) - std::log(360);
  CHECK(mean(log_probs(model, rows)) == doctest::Approx(truth).epsilon(0.02));
}

TEST_CASE("a mixture is not taken for one that sees the labels of columns") {
  CellData data;
  for (Index level = 0; level < kMostCellBins; ++level) {
    data.levels.push_back(std::to_string(level));
    data.level_bin.push_back(level);
  }
  data.level_mass.assign(kMostCellBins, 1.0 / kMostCellBins);
  data.mass = data.level_mass;
  Front front;
  front.cells.assign(10, std::make_shared<Cells>(parse_support("CATEGORY"), data));
  const FlowSpec flow = parse_flow("mixture:components=100");
  // Features of 2560 bins would make 300 million parameters of its 200.
  CHECK_FALSE(is_far_larger(flow, 11, 0, front, 1000));
  CHECK(is_far_larger(flow, 2561, 0, {}, 1000));
}

/// Four labels which know of each other by a class alone, that nobody sees.
Dataset latent_classes(Index rows, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  Dataset data{RowMatrix(rows, 4), RowMatrix(rows, 0)};
  for (Index r = 0; r < rows; ++r) {
    const int own = uniform(random) < 0.4 ? 0 : 2;
    for (Index j = 0; j < 4; ++j) {
      data.x(r, j) = label_value(uniform(random) < 0.85 ? own : static_cast<int>(r + j) % 3);
    }
  }
  return data;
}

/// log p of such a row; the label by chance takes each in turn.
double log_latent_class(const RowMatrix& row) {
  double sum = 0;
  for (const int own : {0, 2}) {
    double product = own == 0 ? 0.4 : 0.6;
    for (Index j = 0; j < 4; ++j) {
      product *= (label_number(row(0, j)) == own ? 0.85 : 0) + 0.05;
    }
    sum += product;
  }
  return std::log(sum);
}

TEST_CASE("a mixture of cells is chosen where labels have a class in common, and found by EM") {
  const Dataset fit = latent_classes(400, 1), test = latent_classes(3000, 2);
  const std::vector<Support> supports =
      fitted_supports(fit.x, {"CATEGORY", "CATEGORY", "CATEGORY", "CATEGORY"});
  TrainOptions options;
  options.supports = supports;
  options.cell_net = choose_cell_net(fit, supports, 0, 1);
  CHECK(options.cell_net.fits == 4);
  CHECK(options.cell_net.components > 8);
  options.start_only = true;
  options.max_steps = 1;
  const std::vector<std::string> names{"a", "b", "c", "d"};
  const Model model = train(names, {}, fit, latent_classes(100, 3), options, {});
  const std::vector<double> found = log_probs(model, test.x);
  double truth = 0;
  for (Index r = 0; r < test.x.rows(); ++r) truth += log_latent_class(test.x.row(r)) / 3000;
  const double gap = truth - mean(found);
  CAPTURE(gap);
  CHECK(gap < 0.03);
  CHECK(gap > -0.02);
  // No mixture sees context, nor has one anything to say of a single column or of many rows.
  Dataset given = fit;
  given.context = RowMatrix::Zero(400, 1);
  CHECK(choose_cell_net(given, supports, 0, 1).components == 1);
  CHECK(choose_cell_net(latent_classes(3500, 4), supports, 0, 1).components == 1);
  Dataset apart = fit;
  std::mt19937 random(7);
  for (Index j = 0; j < 4; ++j) std::shuffle(apart.x.col(j).begin(), apart.x.col(j).end(), random);
  CHECK(choose_cell_net(apart, supports, 0, 1).components == 1);
}

TEST_CASE("the text of a net of cells has the components of its mixture") {
  CellNet net = default_cell_net(100);
  CHECK(net_text(net).find("components") == std::string::npos);
  net.components = 9;
  CHECK(net_text(net) == net_text(default_cell_net(100)) + ":components=9");
  CHECK(parse_net(net_text(net)).components == 9);
  CHECK(parse_net(net_text(default_cell_net(100))).components == 1);
  for (const char* end :
       {":components=1", ":components=65", ":components=x", ":components=4:fits=2"}) {
    CHECK_THROWS_AS(parse_net(net_text(default_cell_net(100)) + end), Error);
  }
}

TEST_CASE("a label that was never seen has probability 0") {
  const Trained trained = train_mixed({"CATEGORY", "GRID[1]"}, 500, Precision::float32);
  RowMatrix rows(3, 2);
  rows << label_value(7), 1, NAN, 1, label_value(0), 1.5;
  for (const double value : log_probs(trained.model, rows)) CHECK(value == -INFINITY);
}

TEST_SUITE_END();
