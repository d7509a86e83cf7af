#include "check/kernel_proposal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "math/constants.h"

namespace nflow {
namespace {

constexpr Index kNeighbour = 6;  // which one a kernel reaches to

/// Distance of a row to its k-th nearest among the others.
double neighbour_distance(const RowMatrix& rows, Index place, Index k) {
  std::vector<double> squares(static_cast<std::size_t>(rows.rows()));
  for (Index i = 0; i < rows.rows(); ++i) {
    squares[static_cast<std::size_t>(i)] = (rows.row(i) - rows.row(place)).squaredNorm();
  }
  std::nth_element(squares.begin(), squares.begin() + k, squares.end());
  return std::sqrt(squares[static_cast<std::size_t>(k)]);
}

}  // namespace

KernelProposal::KernelProposal(RowMatrix centres) : centres_(std::move(centres)) {
  const Index n = centres_.rows();
  const auto d = static_cast<double>(centres_.cols());
  for (Index i = 0; i < n; ++i) {
    const double size = centres_.row(i).norm();
    const double width = neighbour_distance(centres_, i, std::min(kNeighbour, n - 1));
    width_.push_back(std::max({width, 1e-12 * size, std::numeric_limits<double>::min()}));
  }
  const double unit = *std::min_element(width_.begin(), width_.end());
  for (const double width : width_) height_.push_back(std::pow(unit / width, d));
  // What Student's t with d degrees of freedom in d dimensions has beside (1 + r^2 / d)^-d.
  log_height_ = std::lgamma(d) - std::lgamma(d / 2) - d / 2 * std::log(d * kPi) -
                d * std::log(unit) - std::log(static_cast<double>(n));
}

RowMatrix KernelProposal::sample(Index n, const Random& random) const {
  const Index d = centres_.cols();
  RowMatrix rows(n, d);
  for (Index i = 0; i < n; ++i) {
    const auto number = static_cast<std::uint64_t>(i);
    const auto centre =
        static_cast<Index>(random.below(static_cast<std::uint64_t>(centres_.rows()), number, 0));
    double squares = 0;  // chi-squared with d degrees of freedom
    for (Index j = 0; j < d; ++j) {
      const auto pair = random.normal_pair(number, static_cast<std::uint32_t>(1 + j));
      rows(i, j) = pair[0];
      squares += pair[1] * pair[1];
    }
    const double stretch = std::sqrt(static_cast<double>(d) / squares);
    rows.row(i) =
        centres_.row(centre) + rows.row(i) * stretch * width_[static_cast<std::size_t>(centre)];
  }
  return rows;
}

std::vector<double> KernelProposal::log_prob(const RowMatrix& rows) const {
  const auto d = static_cast<int>(centres_.cols());
  std::vector<double> out;
  for (Index i = 0; i < rows.rows(); ++i) {
    double sum = 0;
    for (Index k = 0; k < centres_.rows(); ++k) {
      const auto place = static_cast<std::size_t>(k);
      const double r2 =
          (rows.row(i) - centres_.row(k)).squaredNorm() / (width_[place] * width_[place] * d);
      const double base = 1 / (1 + r2);
      double power = base;
      for (int j = 1; j < d; ++j) power *= base;
      sum += height_[place] * power;
    }
    out.push_back(std::log(sum) + log_height_);
  }
  return out;
}

}  // namespace nflow
