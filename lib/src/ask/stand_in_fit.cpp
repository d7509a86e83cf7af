// Expectation-maximisation for ask/stand_in.h.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ask/stand_in.h"
#include "math/constants.h"

namespace nflow {
namespace {

constexpr int kSteps = 30;
constexpr double kSettled = 1e-4;     // nats a row, of a step
constexpr double kPriorRows = 2;      // of all rows' shares and covariance, beside those of columns
constexpr double kPriorNarrow = 0.1;  // of the covariance: components are narrower than all
constexpr double kSpread = 0.02;      // of each component's shares are those of all rows
constexpr double kBackground = 0.02;  // weight of a component of all rows
constexpr double kWide = 0.15;
constexpr Index kRowsAtOnce = 1024;

struct Fit {
  const StandInRows& rows;
  const std::vector<Index>& bins;
  ThreadPool& pool;
  std::vector<Eigen::VectorXd> all_shares;
  Eigen::VectorXd all_mean;
  Eigen::MatrixXd all_covariance;

  Fit(const StandInRows& rows_, const std::vector<Index>& bins_, ThreadPool& pool_)
      : rows(rows_), bins(bins_), pool(pool_) {
    const auto n = static_cast<double>(rows.rows());
    for (std::size_t c = 0; c < bins.size(); ++c) {
      Eigen::VectorXd share = Eigen::VectorXd::Constant(bins[c], 1 / (n + double(bins[c])));
      for (const Index bin : rows.bins[c]) share[bin] += 1 / (n + double(bins[c]));
      all_shares.push_back(share);
    }
    all_mean = rows.line.colwise().mean();
    const Eigen::MatrixXd centred = rows.line.rowwise() - all_mean.transpose();
    all_covariance = centred.transpose() * centred / n;
    all_covariance.diagonal().array() += 1e-8;
  }

  static Eigen::MatrixXd root(const Eigen::MatrixXd& covariance) {
    if (covariance.size() == 0) return covariance;
    return Eigen::LLT<Eigen::MatrixXd>(covariance).matrixL();
  }

  /// How far row i is from another: bins that differ, and squares on the line.
  double distance(Index i, Index other) const {
    double sum = (rows.line.row(i) - rows.line.row(other)).squaredNorm();
    for (const auto& column : rows.bins) {
      const auto one = column[static_cast<std::size_t>(i)];
      sum += one == column[static_cast<std::size_t>(other)] ? 0 : 1;
    }
    return sum;
  }

  /// Rows that lie apart: each is drawn by its squared distance from those before it.
  std::vector<Index> centres(Index count, const Random& random) const {
    std::vector<Index> chosen{0};
    std::vector<double> least(static_cast<std::size_t>(rows.rows()),
                              std::numeric_limits<double>::infinity());
    while (static_cast<Index>(chosen.size()) < count) {
      double total = 0;
      for (Index i = 0; i < rows.rows(); ++i) {
        double& own = least[static_cast<std::size_t>(i)];
        own = std::min(own, distance(i, chosen.back()));
        total += own;
      }
      if (!(total > 0)) break;
      double left = total * random.uniform(chosen.size(), 0);
      Index next = 0;
      while (next + 1 < rows.rows() && (left -= least[static_cast<std::size_t>(next)]) > 0) ++next;
      chosen.push_back(next);
    }
    return chosen;
  }

  StandIn start(Index components, const Random& random) const {
    const std::vector<Index> at = centres(components, random);
    StandIn mixture;
    const auto count = static_cast<Index>(at.size());
    mixture.log_weight.assign(at.size(), -std::log(double(count)));
    const double part = std::pow(double(count), -1.0 / std::max(1.0, double(rows.line.cols())));
    for (std::size_t c = 0; c < bins.size(); ++c) {
      mixture.share.emplace_back(0.7 * all_shares[c].transpose().replicate(count, 1));
    }
    for (Index k = 0; k < count; ++k) {
      const Index row = at[static_cast<std::size_t>(k)];
      mixture.mean.emplace_back(rows.line.row(row));
      mixture.factor.push_back(root(all_covariance * std::max(part * part, 0.05)));
      for (std::size_t c = 0; c < bins.size(); ++c) {
        mixture.share[c](k, rows.bins[c][static_cast<std::size_t>(row)]) += 0.3;
      }
    }
    return mixture;
  }

  /// Each component's part of each row, N x K; gives the mean log density.
  double expectation(const StandIn& mixture, Eigen::MatrixXd& part) const {
    const Index n = rows.rows(), components = mixture.components(), columns = rows.line.cols();
    std::vector<Eigen::MatrixXd> log_share;
    for (const Eigen::MatrixXd& share : mixture.share) log_share.push_back(share.array().log());
    std::vector<double> sums(static_cast<std::size_t>((n + kRowsAtOnce - 1) / kRowsAtOnce));
    pool.run(static_cast<Index>(sums.size()), [&](Index block, int) {
      const Index first = block * kRowsAtOnce, count = std::min(kRowsAtOnce, n - first);
      for (Index k = 0; k < components; ++k) {
        const auto place = static_cast<std::size_t>(k);
        Eigen::MatrixXd z =
            (rows.line.middleRows(first, count).rowwise() - mixture.mean[place].transpose())
                .transpose();
        if (columns > 0) mixture.factor[place].triangularView<Eigen::Lower>().solveInPlace(z);
        const double base = mixture.log_weight[place] -
                            mixture.factor[place].diagonal().array().log().sum() -
                            double(columns) * kHalfLogTwoPi;
        part.col(k).segment(first, count) = base - z.colwise().squaredNorm().array() / 2;
        for (std::size_t c = 0; c < bins.size(); ++c) {
          for (Index i = first; i < first + count; ++i) {
            part(i, k) += log_share[c](k, rows.bins[c][static_cast<std::size_t>(i)]);
          }
        }
      }
      double sum = 0;
      for (Index i = first; i < first + count; ++i) {
        const double top = part.row(i).maxCoeff();
        part.row(i) = (part.row(i).array() - top).exp();
        const double total = part.row(i).sum();
        part.row(i) /= total;
        sum += top + std::log(total);
      }
      sums[static_cast<std::size_t>(block)] = sum;
    });
    return std::accumulate(sums.begin(), sums.end(), 0.0) / double(n);
  }

  void maximisation(const Eigen::MatrixXd& part, StandIn& mixture) const {
    const auto n = double(rows.rows());
    const double prior = kPriorRows + double(rows.line.cols());
    pool.run(mixture.components(), [&](Index k, int) {
      const auto place = static_cast<std::size_t>(k);
      const double count = part.col(k).sum();
      mixture.log_weight[place] = std::log((count + 1) / (n + double(mixture.components())));
      mixture.mean[place] =
          (rows.line.transpose() * part.col(k) + 1e-3 * all_mean) / (count + 1e-3);
      const Eigen::MatrixXd rooted =
          (rows.line.rowwise() - mixture.mean[place].transpose()).array().colwise() *
          part.col(k).array().sqrt();
      Eigen::MatrixXd covariance = prior * kPriorNarrow * kPriorNarrow * all_covariance;
      covariance.noalias() += rooted.transpose() * rooted;
      mixture.factor[place] = root(covariance / (count + prior));
      for (std::size_t c = 0; c < bins.size(); ++c) {
        Eigen::VectorXd share = kPriorRows * all_shares[c];
        for (Index i = 0; i < rows.rows(); ++i) {
          share[rows.bins[c][static_cast<std::size_t>(i)]] += part(i, k);
        }
        mixture.share[c].row(k) = share / share.sum();
      }
    });
  }

  /// Heavier tails, and nothing impossible.
  void widen(StandIn& mixture) const {
    const Index components = mixture.components();
    for (double& weight : mixture.log_weight) weight += std::log1p(-kBackground);
    mixture.log_weight.push_back(std::log(kBackground));
    mixture.mean.push_back(all_mean);
    mixture.factor.push_back(root(2 * all_covariance));
    for (std::size_t c = 0; c < bins.size(); ++c) {
      Eigen::MatrixXd& share = mixture.share[c];
      share.conservativeResize(components + 1, bins[c]);
      share.row(components) = all_shares[c];
      share =
          (1 - kSpread) * share + kSpread * all_shares[c].transpose().replicate(components + 1, 1);
    }
    mixture.wide = kWide;
  }
};

}  // namespace

StandIn fit_stand_in(const StandInRows& rows, const std::vector<Index>& bins, Index components,
                     const Random& random, ThreadPool& pool) {
  const Fit fit(rows, bins, pool);
  StandIn mixture = fit.start(components, random);
  Eigen::MatrixXd part(rows.rows(), mixture.components());
  double before = -std::numeric_limits<double>::infinity();
  for (int step = 0; step < kSteps; ++step) {
    const double density = fit.expectation(mixture, part);
    if (density - before < kSettled) break;
    before = density;
    fit.maximisation(part, mixture);
  }
  fit.widen(mixture);
  return mixture;
}

}  // namespace nflow
