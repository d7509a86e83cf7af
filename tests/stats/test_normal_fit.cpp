#include <doctest/doctest.h>

#include <Eigen/Cholesky>
#include <cmath>
#include <numeric>
#include <random>

#include "math/constants.h"
#include "nflow/gaussian.h"
#include "stats/factor_analysis.h"
#include "stats/normal_fit.h"

using namespace nflow;

namespace {

const std::vector<double> kNoWeights;

RowMatrix normal_numbers(Index rows, Index columns, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  RowMatrix data(rows, columns);
  for (Index r = 0; r < rows; ++r) {
    for (Index j = 0; j < columns; ++j) data(r, j) = normal(random);
  }
  return data;
}

/// Makes the columns orthonormal, from left to right (Gram and Schmidt, modified), and returns what
/// the length of each was beyond those before it. Number by number: Eigen's own factorisation in
/// long double takes longer to compile than all else here.
std::vector<long double> orthonormalize(std::vector<std::vector<long double>>& columns) {
  const auto dot = [](const std::vector<long double>& a, const std::vector<long double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0L);
  };
  std::vector<long double> lengths;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    std::vector<long double>& axis = columns[j];
    lengths.push_back(std::sqrt(dot(axis, axis)));
    for (long double& value : axis) value /= lengths.back();
    for (std::size_t k = j + 1; k < columns.size(); ++k) {
      const long double share = dot(axis, columns[k]);
      for (std::size_t r = 0; r < axis.size(); ++r) columns[k][r] -= share * axis[r];
    }
  }
  return lengths;
}

std::vector<std::vector<long double>> columns_of(const RowMatrix& rows) {
  std::vector<std::vector<long double>> columns;
  for (Index j = 0; j < rows.cols(); ++j)
    columns.emplace_back(rows.col(j).begin(), rows.col(j).end());
  return columns;
}

/// Rows whose covariance has that condition, and its directions across all columns.
RowMatrix ill_conditioned(Index rows, Index columns, double condition, unsigned seed) {
  std::vector<std::vector<long double>> axes = columns_of(normal_numbers(columns, columns, 7));
  orthonormalize(axes);
  const RowMatrix numbers = normal_numbers(rows, columns, seed);
  RowMatrix data = RowMatrix::Zero(rows, columns);
  for (Index j = 0; j < columns; ++j) {
    const double scale = std::pow(condition, -0.5 * double(j) / double(columns - 1));
    for (Index k = 0; k < columns; ++k) {
      const double weight = static_cast<double>(axes[std::size_t(j)][std::size_t(k)]);
      data.col(k) += scale * weight * numbers.col(j);
    }
  }
  return data;
}

/// Log-determinant of the covariance of the likeliest normal, by a QR factorisation of the rows in
/// long double.
double exact_log_det(const RowMatrix& rows) {
  std::vector<std::vector<long double>> centred = columns_of(rows);
  const auto n = static_cast<long double>(rows.rows());
  for (std::vector<long double>& column : centred) {
    const long double mean = std::accumulate(column.begin(), column.end(), 0.0L) / n;
    for (long double& value : column) value -= mean;
  }
  long double sum = 0;
  for (const long double length : orthonormalize(centred)) {
    sum += 2 * std::log(length) - std::log(n);
  }
  return static_cast<double>(sum);
}

double mean_log_density(const Normal& normal, const RowMatrix& rows) {
  Eigen::MatrixXd y = rows.transpose().colwise() - normal.mean;
  for (Index j = 0; j < rows.cols(); ++j) {
    for (Index k = 0; k < j; ++k) y.row(j) -= normal.factor(j, k) * y.row(k);
    y.row(j) /= normal.factor(j, j);
  }
  return -0.5 * y.squaredNorm() / double(rows.rows()) -
         normal.factor.diagonal().array().log().sum() - double(rows.cols()) * kHalfLogTwoPi;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / double(values.size());
}

}  // namespace

TEST_SUITE("stats") {
  TEST_CASE("the likeliest normal is exact to eight digits for conditions to 1e10") {
    for (const double condition : {1.0, 1e5, 1e10}) {
      CAPTURE(condition);
      const RowMatrix rows = ill_conditioned(3000, 7, condition, 1);
      const auto normal = most_likely_normal({rows, kNoWeights});
      REQUIRE(normal);
      const double exact = -0.5 * (exact_log_det(rows) + 7) - 7 * kHalfLogTwoPi;
      CHECK(mean_log_density(*normal, rows) == doctest::Approx(exact).epsilon(1e-8));
      const double log_det = 2 * normal->factor.diagonal().array().log().sum();
      CHECK(log_det == doctest::Approx(exact_log_det(rows)).epsilon(1e-8));
    }
  }

  TEST_CASE("the fitted Gaussian is exact for offsets of 1e12 deviations") {
    Dataset data{ill_conditioned(3000, 3, 100, 2), RowMatrix(3000, 0)};
    data.x.array() += 1e12;  // the numbers are rounded: what is exact is the fit to these
    const double exact = -0.5 * (exact_log_det(data.x) + 3) - 3 * kHalfLogTwoPi;
    const Gaussian gaussian(data);
    CHECK(gaussian.kind() == Gaussian::Kind::full);
    CHECK(mean(gaussian.log_prob(data)) == doctest::Approx(exact).epsilon(1e-8));
  }

  TEST_CASE("rows that are too few for a full covariance get one that they allow") {
    const RowMatrix fresh = normal_numbers(2000, 30, 9);
    for (const Index rows : {2, 3, 5, 10, 29}) {
      CAPTURE(rows);
      const RowMatrix few = normal_numbers(rows, 30, 3);
      CHECK_FALSE(most_likely_normal({few, kNoWeights}));
      const Normal chosen = choose_normal({few, kNoWeights}).normal;
      CHECK(chosen.kind != Gaussian::Kind::full);
      // The likeliest diagonal normal, which it is never behind.
      Normal diagonal{Gaussian::Kind::diagonal, few.colwise().mean(), {}};
      diagonal.factor = (few.rowwise() - few.colwise().mean())
                            .cwiseAbs2()
                            .colwise()
                            .mean()
                            .cwiseSqrt()
                            .asDiagonal();
      CHECK(mean_log_density(chosen, fresh) > mean_log_density(diagonal, fresh));
    }
    const Dataset few{normal_numbers(10, 30, 3), RowMatrix(10, 0)};
    CHECK(Gaussian(few).kind() != Gaussian::Kind::full);
  }

  TEST_CASE("columns that hang together by a few factors are seen to") {
    const Index columns = 100;
    const Eigen::MatrixXd loadings = normal_numbers(columns, 3, 4);
    const auto draw = [&](Index rows, unsigned seed) -> RowMatrix {
      return normal_numbers(rows, 3, seed) * loadings.transpose() +
             normal_numbers(rows, columns, seed + 1);
    };
    const RowMatrix rows = draw(400, 10), fresh = draw(4000, 20);
    Normal truth{Gaussian::Kind::full, Eigen::VectorXd::Zero(columns), {}};
    const Eigen::MatrixXd covariance =
        loadings * loadings.transpose() + Eigen::MatrixXd::Identity(columns, columns);
    truth.factor = covariance.llt().matrixL();
    const Normal chosen = choose_normal({rows, kNoWeights}).normal;
    CHECK(chosen.kind == Gaussian::Kind::factors);
    CHECK(mean_log_density(chosen, fresh) > mean_log_density(truth, fresh) - 1);
    const auto full = most_likely_normal({rows, kNoWeights});
    REQUIRE(full);
    CHECK(mean_log_density(*full, fresh) < mean_log_density(truth, fresh) - 10);
  }

  TEST_CASE("many rows keep their full covariance") {
    const RowMatrix rows = ill_conditioned(4000, 5, 1e6, 1),
                    fresh = ill_conditioned(4000, 5, 1e6, 2);
    const ChosenNormal chosen = choose_normal({rows, kNoWeights});
    CHECK(chosen.normal.kind == Gaussian::Kind::full);
    CHECK(chosen.held_out == doctest::Approx(mean_log_density(chosen.normal, fresh)).epsilon(0.02));
  }

  TEST_CASE("given columns are known: only the others count") {
    RowMatrix rows = normal_numbers(3000, 2, 1);
    rows.col(1) = 0.9 * rows.col(0) + 0.1 * rows.col(1);
    const double entropy = 0.5 + kHalfLogTwoPi + std::log(0.1);
    CHECK(choose_normal({rows, kNoWeights}, 1).held_out == doctest::Approx(-entropy).epsilon(0.05));
  }

  TEST_CASE("a factor-analytic covariance is that of its factors") {
    const Eigen::MatrixXd loadings = normal_numbers(12, 2, 5);
    const Eigen::VectorXd unique = Eigen::VectorXd::LinSpaced(12, 0.5, 2);
    Eigen::MatrixXd covariance = loadings * loadings.transpose();
    covariance.diagonal() += unique;
    const Eigen::MatrixXd fitted = factor_analytic(covariance, 2);
    CHECK((fitted - covariance).cwiseAbs().maxCoeff() < 0.05);
    CHECK((fitted.diagonal() - covariance.diagonal()).cwiseAbs().maxCoeff() < 0.02);
  }

  TEST_CASE("more columns than a covariance is worth have a diagonal, within a moment") {
    RowMatrix rows = RowMatrix::Random(6, 2100);
    rows.col(7) *= 1e3;
    const Normal normal = choose_normal({rows, {}}).normal;
    CHECK(normal.kind == Gaussian::Kind::diagonal);
    CHECK_FALSE(most_likely_normal({RowMatrix::Random(2200, 2100), {}}));
    // n + 1 over n - 1, times the variance.
    const double variance = (rows.col(7).array() - rows.col(7).mean()).square().mean();
    CHECK(normal.factor(7, 7) == doctest::Approx(std::sqrt(variance * 7 / 5)));
  }
}
