#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "stats/labelled_mixture.h"
#include "stats/weights.h"

using namespace nflow;

// A mixture over numbers and labels, some of them missing.

namespace {

const double kHole = std::numeric_limits<double>::quiet_NaN();

/// Two components over three numbers and a label of two levels.
LabelledMixture example() {
  LabelledMixture mixture;
  mixture.log_weight = Eigen::Vector2d(0.4, 0.6).array().log();
  mixture.mean.resize(3, 2);
  mixture.mean << 0, 2, 1, -1, -2, 0.5;
  Eigen::Matrix3d root;
  root << 1, 0, 0, 0.7, 0.5, 0, -0.3, 0.2, 0.8;
  mixture.covariance = {root * root.transpose(), 0.5 * root.transpose() * root};
  Eigen::MatrixXd probability(2, 2);
  probability << 0.9, 0.2, 0.1, 0.8;
  mixture.probability = {probability};
  return mixture;
}

/// The density of what is there in a row, by the closed form with determinants and inverses.
double density(const LabelledMixture& mixture, const Eigen::VectorXd& row, int label) {
  std::vector<Index> known;
  for (Index e = 0; e < row.size(); ++e) {
    if (row(e) == row(e)) known.push_back(e);
  }
  double sum = 0;
  for (Index k = 0; k < mixture.components(); ++k) {
    const auto place = static_cast<std::size_t>(k);
    double part = std::exp(mixture.log_weight(k));
    if (label >= 0) part *= mixture.probability[0](label, k);
    if (!known.empty()) {
      const Eigen::MatrixXd covariance = mixture.covariance[place](known, known);
      const Eigen::VectorXd apart = row(known) - mixture.mean.col(k)(known);
      part *= std::exp(-0.5 * apart.dot(covariance.inverse() * apart)) /
              std::sqrt((2 * 3.14159265358979323846 * covariance).determinant());
    }
    sum += part;
  }
  return sum;
}

double mean_log_density(const LabelledMixture& mixture, const HoledRows& rows, ThreadPool& pool) {
  return weighted_mean(log_densities(mixture, rows, pool), rows.weights);
}

/// Rows of the example, of which a share is missing, by chance alone.
HoledRows rows_of(const LabelledMixture& mixture, Index n, double share, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  HoledRows rows{RowMatrix(n, 3), Eigen::MatrixXi(n, 1)};
  for (Index i = 0; i < n; ++i) {
    const Index k = uniform(random) < std::exp(mixture.log_weight(0)) ? 0 : 1;
    Eigen::Vector3d noise;
    for (double& z : noise) z = normal(random);
    const Eigen::MatrixXd root = mixture.covariance[static_cast<std::size_t>(k)].llt().matrixL();
    rows.numbers.row(i) = (mixture.mean.col(k) + root * noise).transpose();
    rows.labels(i, 0) = uniform(random) < mixture.probability[0](0, k) ? 0 : 1;
    for (double& x : rows.numbers.row(i)) x = uniform(random) < share ? kHole : x;
    if (uniform(random) < share) rows.labels(i, 0) = -1;
  }
  return rows;
}

}  // namespace

TEST_SUITE("stats") {
  TEST_CASE("labelled mixture: the density of what is there is the closed form") {
    const LabelledMixture mixture = example();
    ThreadPool pool(2);
    for (int holes = 0; holes < 8; ++holes) {
      for (int label = -1; label < 2; ++label) {
        HoledRows rows{RowMatrix(1, 3), Eigen::MatrixXi::Constant(1, 1, label)};
        rows.numbers << 0.3, -0.4, 1.2;
        for (Index e = 0; e < 3; ++e) {
          if (holes >> e & 1) rows.numbers(0, e) = kHole;
        }
        const double expected = std::log(density(mixture, rows.numbers.row(0), label));
        CHECK(mean_log_density(mixture, rows, pool) ==
              doctest::Approx(expected).epsilon(1e-12).scale(1));
      }
    }
  }

  TEST_CASE("labelled mixture: without holes one component has the rows' mean and covariance") {
    const HoledRows rows = rows_of(example(), 500, 0, 1);
    ThreadPool pool(2);
    const LabelledMixture fitted = LabelledFit(rows, std::vector<Index>{2}, pool, 1).fit(1, {0, 0});
    const Eigen::RowVectorXd mean = rows.numbers.colwise().mean();
    const Eigen::MatrixXd from_mean = rows.numbers.rowwise() - mean;
    const Eigen::MatrixXd covariance = from_mean.transpose() * from_mean / 500;
    CHECK((fitted.mean.col(0).transpose() - mean).cwiseAbs().maxCoeff() < 1e-5);
    CHECK((fitted.covariance[0] - covariance).cwiseAbs().maxCoeff() < 1e-4);
  }

  TEST_CASE("labelled mixture: EM with holes ends where the likelihood is highest") {
    HoledRows rows = rows_of(example(), 400, 0.3, 2);
    rows.weights.assign(400, 1);
    for (std::size_t i = 0; i < 400; i += 3) rows.weights[i] = 2.5;
    ThreadPool pool(2);
    const LabelledFit fit(rows, std::vector<Index>{2}, pool, 1);
    LabelledMixture best = fit.fit(1, {0, 0});
    const double highest = mean_log_density(best, rows, pool);
    for (Index e = 0; e < 3; ++e) {
      for (const double step : {-0.1, 0.1}) {
        LabelledMixture moved = best;
        moved.mean(e, 0) += step;
        CHECK(mean_log_density(moved, rows, pool) < highest);
        moved = best;
        moved.covariance[0](e, e) *= 1 + step;
        CHECK(mean_log_density(moved, rows, pool) < highest);
        moved = best;
        moved.covariance[0](e, (e + 1) % 3) += step * 0.5;
        moved.covariance[0]((e + 1) % 3, e) += step * 0.5;
        CHECK(mean_log_density(moved, rows, pool) < highest);
      }
    }
  }

  TEST_CASE("labelled mixture: the mixture that rows with holes come from is found") {
    const LabelledMixture truth = example();
    ThreadPool pool(2);
    const HoledRows fresh = rows_of(truth, 4000, 0, 3);
    const double best = mean_log_density(truth, fresh, pool);
    for (const double share : {0.1, 0.3, 0.5}) {
      CAPTURE(share);
      const HoledRows rows = rows_of(truth, 4000, share, 4);
      const LabelledMixture fitted =
          LabelledFit(rows, std::vector<Index>{2}, pool, 1).fit(2, LabelledPrior());
      CHECK(mean_log_density(fitted, fresh, pool) > best - 0.03);
    }
  }

  TEST_CASE("labelled mixture: draws have the moments that the rest of the row leaves") {
    const LabelledMixture mixture = example();
    const Index n = 40000;
    HoledRows rows{RowMatrix::Constant(n, 3, kHole), Eigen::MatrixXi::Constant(n, 1, -1)};
    rows.numbers.col(0).setConstant(0.5);
    HoledRows again = rows;
    ThreadPool pool(2), alone(1);
    fill_holes(mixture, rows, 7, 0, pool);
    fill_holes(mixture, again, 7, 0, alone);
    CHECK(rows.numbers == again.numbers);
    CHECK(rows.labels == again.labels);
    // Shares, conditional means and variances in closed form.
    double all = 0, mean = 0, square = 0, label = 0;
    for (Index k = 0; k < 2; ++k) {
      const Eigen::MatrixXd& covariance = mixture.covariance[static_cast<std::size_t>(k)];
      const double apart = 0.5 - mixture.mean(0, k), variance = covariance(0, 0);
      const double share =
          std::exp(mixture.log_weight(k) - 0.5 * apart * apart / variance) / std::sqrt(variance);
      const double m = mixture.mean(1, k) + covariance(1, 0) / variance * apart;
      const double v = covariance(1, 1) - covariance(1, 0) * covariance(0, 1) / variance;
      all += share;
      mean += share * m;
      square += share * (m * m + v);
      label += share * mixture.probability[0](0, k);
    }
    mean /= all;
    const double deviation = std::sqrt(square / all - mean * mean);
    const auto drawn = rows.numbers.col(1).array();
    const double own_mean = drawn.mean();
    const double own_deviation = std::sqrt((drawn - own_mean).square().mean());
    CHECK(std::fabs(own_mean - mean) < 5 * deviation / 200);
    CHECK(own_deviation == doctest::Approx(deviation).epsilon(0.02));
    const double labels = (rows.labels.array() == 0).cast<double>().mean();
    CHECK(std::fabs(labels - label / all) < 0.0125);
    CHECK((rows.numbers.col(0).array() == 0.5).all());
  }
}
