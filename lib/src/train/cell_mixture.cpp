#include "train/cell_mixture.h"

#include <cmath>

#include "stats/weights.h"

namespace nflow {
namespace {

/// One component has the shares of the bins themselves, so that bins which the others have hardly
/// seen together leave a row this part of what it would have were the columns independent.
constexpr double kApart = 0.01;

/// More rows tell EM little, and take it long.
constexpr Index kMostRows = 50000;

Eigen::VectorXd share_of(const Cells& cells) {
  const std::vector<double> log_mass = cells.log_mass();
  const Eigen::ArrayXd mass =
      Eigen::Map<const Eigen::ArrayXd>(log_mass.data(), static_cast<Index>(log_mass.size())).exp();
  return mass / mass.sum();
}

}  // namespace

HoledRows bins_of(const Dataset& line, Index before, Index cells) {
  const Index n = std::min(kMostRows, line.x.rows());
  HoledRows rows{RowMatrix(n, 0), Eigen::MatrixXi(n, cells),
                 spread_weights(line.weights, kMostRows)};
  for (Index r = 0; r < n; ++r) {
    const Index from = r * line.x.rows() / n;
    for (Index j = 0; j < cells; ++j) {
      rows.labels(r, j) = static_cast<int>(line.x(from, before + j));
    }
  }
  return rows;
}

std::vector<Eigen::VectorXd> shares_of(const Front& front) {
  std::vector<Eigen::VectorXd> shares;
  for (const auto& cells : front.cells) shares.push_back(share_of(*cells));
  return shares;
}

LabelledMixture fit_bins(const HoledRows& bins, const std::vector<Eigen::VectorXd>& shares,
                         Index components, Index fits, ThreadPool& pool, std::uint64_t seed) {
  const Index all = components * fits;
  LabelledMixture mixture;
  mixture.log_weight.resize(all + 1);
  mixture.mean.resize(0, all + 1);
  mixture.covariance.resize(static_cast<std::size_t>(all + 1));
  for (const Eigen::VectorXd& share : shares) {
    mixture.probability.emplace_back(share.size(), all + 1).col(all) = share;
  }
  mixture.log_weight(all) = std::log(kApart);
  for (Index f = 0; f < fits; ++f) {
    const LabelledFit fit(bins, shares, pool, seed + static_cast<std::uint64_t>(f));
    const LabelledMixture one = fit.fit(components, {});
    mixture.log_weight.segment(f * components, components) =
        one.log_weight.array() + std::log((1 - kApart) / static_cast<double>(fits));
    for (std::size_t j = 0; j < shares.size(); ++j) {
      mixture.probability[j].middleCols(f * components, components) = one.probability[j];
    }
  }
  return mixture;
}

std::vector<TensorStart> cell_mixture_start(const Front& front, const Dataset& fit,
                                            ThreadPool& pool, std::uint64_t seed) {
  const CellNet& net = front.cell_net;
  if (front.cells.empty() || net.components == 1) return {};
  const HoledRows bins = bins_of(fit, front.circular, static_cast<Index>(front.cells.size()));
  const LabelledMixture mixture =
      fit_bins(bins, shares_of(front), (net.components - 1) / net.fits, net.fits, pool, seed);
  TensorStart weight{"mixture.weight", {}}, share{"mixture.share", {}};
  for (Index c = 0; c < net.components; ++c) {
    weight.values.push_back(std::exp(mixture.log_weight(c)));
    for (const Eigen::MatrixXd& own : mixture.probability) {
      share.values.insert(share.values.end(), own.col(c).begin(), own.col(c).end());
    }
  }
  return {weight, share};
}

}  // namespace nflow
