#include "stats/voids.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <functional>

#include "nflow/order.h"

namespace nflow {
namespace {

constexpr Index kLeastNeighbour = 3;
constexpr Index kNeighbours = 60;  // of so many rows one is the neighbour that spacings reach to
constexpr Index kBlock = 32;       // rows that a worker treats at once
constexpr std::size_t kShallowest = 16;  // of the farthest that are looked at

/// What a column's distances are divided by, and its resolution in that unit: rounded numbers have
/// neighbours at no distance, and what lies between two of them is not far.
struct Scale {
  double unit, step;
};

Scale scale_of(const RowMatrix& reference, Index column) {
  std::vector<double> sorted(reference.col(column).begin(), reference.col(column).end());
  std::sort(sorted.begin(), sorted.end());
  double unit = sorted_quantile(sorted, 0.75) - sorted_quantile(sorted, 0.25);
  if (!(unit > 0)) unit = sorted.back() - sorted.front();
  if (!(unit > 0)) unit = 1;
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<double> steps;
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) steps.push_back(sorted[i + 1] - sorted[i]);
  return {unit, steps.empty() ? 0 : quantile(steps, 0.5) / unit};
}

/// Squared distances of a row to each of the reference.
void squares_to(const RowMatrix& reference, const Eigen::RowVectorXd& row,
                std::vector<double>& out) {
  out.resize(static_cast<std::size_t>(reference.rows()));
  for (Index i = 0; i < reference.rows(); ++i) {
    out[static_cast<std::size_t>(i)] = (reference.row(i) - row).squaredNorm();
  }
}

void each_block(Index rows, ThreadPool& pool, const std::function<void(Index, Index)>& work) {
  pool.run((rows + kBlock - 1) / kBlock, [&](Index number, int) {
    work(number * kBlock, std::min(rows, (number + 1) * kBlock));
  });
}

/// The distance of each row to its k-th nearest among the others.
std::vector<double> spacings(const RowMatrix& rows, Index k, ThreadPool& pool) {
  std::vector<double> out(static_cast<std::size_t>(rows.rows()));
  each_block(rows.rows(), pool, [&](Index begin, Index end) {
    std::vector<double> squares;
    for (Index i = begin; i < end; ++i) {
      squares_to(rows, rows.row(i), squares);
      std::nth_element(squares.begin(), squares.begin() + k, squares.end());
      out[static_cast<std::size_t>(i)] = std::sqrt(squares[static_cast<std::size_t>(k)]);
    }
  });
  return out;
}

double ratio(double distance, double spacing) {
  if (distance == 0 || std::isinf(spacing)) return 0;
  return distance / spacing;  // infinite where the reference has one row again and again
}

}  // namespace

std::vector<double> relative_distances(const RowMatrix& rows, const RowMatrix& reference,
                                       ThreadPool& pool) {
  RowMatrix scaled = rows, known = reference;
  double step = 0;
  for (Index j = 0; j < rows.cols(); ++j) {
    const Scale scale = scale_of(reference, j);
    scaled.col(j) /= scale.unit;
    known.col(j) /= scale.unit;
    step = std::hypot(step, scale.step);
  }
  const Index k =
      std::min(std::max(kLeastNeighbour, reference.rows() / kNeighbours), reference.rows() - 1);
  const std::vector<double> spacing = spacings(known, k, pool);
  // Where rows pile up, as at the ends of some intervals, what is a little beyond them is not far.
  const double least = std::max(step, quantile(spacing, 0.5));
  std::vector<double> out(static_cast<std::size_t>(rows.rows()));
  each_block(rows.rows(), pool, [&](Index begin, Index end) {
    std::vector<double> squares;
    for (Index i = begin; i < end; ++i) {
      squares_to(known, scaled.row(i), squares);
      const auto nearest = std::min_element(squares.begin(), squares.end());
      const auto place = static_cast<std::size_t>(nearest - squares.begin());
      out[static_cast<std::size_t>(i)] =
          ratio(std::sqrt(*nearest), std::max(spacing[place], least));
    }
  });
  return out;
}

// Pairs of which both are beyond a threshold say nothing. Of the others that have one beyond it,
// the first's number is binomial with chance 1/2, given the two numbers of each pair but not their
// order, on which thresholds do not depend. To bring the first nearer can only make fewer of them.
FarShare far_share(const std::vector<double>& first, const std::vector<double>& second,
                   double times, double level) {
  std::vector<double> near = first;
  for (double& value : near) value /= times;
  std::vector<double> all = near;
  all.insert(all.end(), second.begin(), second.end());
  std::sort(all.begin(), all.end(), std::greater<>());
  std::size_t depths = 0;
  for (std::size_t depth = kShallowest; depth <= first.size(); depth *= 2) ++depths;
  FarShare best{0, 0};
  for (std::size_t depth = kShallowest; depth <= first.size(); depth *= 2) {
    const double threshold =
        std::max(all[depth - 1], 1.0);  // what is nearer is among its neighbours
    double ones = 0, others = 0;
    for (std::size_t i = 0; i < near.size(); ++i) {
      const bool one = near[i] >= threshold, other = second[i] >= threshold;
      ones += one && !other ? 1 : 0;
      others += other && !one ? 1 : 0;
    }
    if (!(ones > others)) continue;
    const double chance = boost::math::binomial::find_lower_bound_on_p(
        ones + others, ones, level / static_cast<double>(depths));
    const auto n = static_cast<double>(first.size());
    const double least = (2 * chance - 1) * (ones + others) / n;
    if (least > best.least) best = {least, (ones - others) / n};
  }
  return best;
}

}  // namespace nflow
