#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "auto/angles.h"
#include "bijectors/circle_drift.h"
#include "math/constants.h"
#include "nflow/front.h"
#include "nflow/windings.h"
#include "stats/circular_regression.h"
#include "support_map.h"

// Drifts: where an angle stands in the mean given others.

namespace nflow {
namespace {

/// The numbers of waves that are tried. More are taken where they gain so much more.
constexpr Index kWaves[] = {2, 4, 8, 16};
constexpr double kLeastMore = 0.03;

/// The rows that a regression needs for each of its features.
constexpr Index kFewestRowsOfFeature = 8;

/// The mean cosine about a drift. Where it is less, as that of two directions opposite to each
/// other, the angle stands in no one place.
constexpr double kLeastResultant = 0.5;

/// The context features of these rows, less their means, in units of their deviations.
Eigen::MatrixXd standard(const Dataset& fit, const std::vector<Index>& rows) {
  Eigen::MatrixXd context(static_cast<Index>(rows.size()), fit.context.cols());
  for (Index i = 0; i < context.rows(); ++i) {
    context.row(i) = fit.context.row(rows[static_cast<std::size_t>(i)]);
  }
  for (Index k = 0; k < context.cols(); ++k) {
    auto column = context.col(k).array();
    column -= column.mean();
    const double deviation = std::sqrt(column.square().mean());
    if (deviation > 0) column /= deviation;
  }
  return context;
}

/// Every second row, from row `first` on.
template <class Rows>
Eigen::MatrixXd half_of(const Rows& rows, Index first) {
  Eigen::MatrixXd half((rows.rows() - first + 1) / 2, rows.cols());
  for (Index i = 0; i < half.rows(); ++i) half.row(i) = rows.row(2 * i + first);
  return half;
}

Turns half_of(const Turns& turns, std::size_t first) {
  Turns half;
  for (std::size_t i = first; i < turns.size(); i += 2) half.push_back(turns[i]);
  return half;
}

/// Do half of the rows suffice for a regression?
bool are_enough(std::size_t rows, Index features) {
  return static_cast<Index>(rows / 2) >= kFewestRowsOfFeature * features;
}

/// Everything that the drifts of a number of waves may go by.
class Features {
 public:
  Features(const Eigen::MatrixXd& context, const std::vector<Turns>& circles, Index waves)
      : shape_{context.cols(), waves},
        // The kernels take whole steps of rows.
        all_(Eigen::MatrixXd::Zero(padded(context.rows()),
                                   shape_.count(static_cast<Index>(circles.size())))),
        rows_(context.rows()) {
    Eigen::MatrixXd numbers = Eigen::MatrixXd::Zero(all_.rows(), context.cols());
    numbers.topRows(rows_) = context;
    const View<double> out(all_.data(), all_.rows(), all_.cols());
    const View<double> in(numbers.data(), numbers.rows(), numbers.cols());
    shape_.fill_context<double>(in, out.columns(0, shape_.of_context()));
    Eigen::MatrixXd point = Eigen::MatrixXd::Zero(all_.rows(), 2);
    for (std::size_t i = 0; i < circles.size(); ++i) {
      for (std::size_t r = 0; r < circles[i].size(); ++r) {
        const double angle = kTwoPi * circles[i][r];
        point.row(static_cast<Index>(r)) << std::cos(angle), std::sin(angle);
      }
      shape_.fill_circle<double>(
          point.data(), point.data() + point.rows(),
          out.columns(shape_.count(static_cast<Index>(i)), shape_.of_circle()));
    }
  }

  Index count(std::size_t circles) const { return shape_.count(static_cast<Index>(circles)); }
  auto before(std::size_t circles) const { return all_.topLeftCorner(rows_, count(circles)); }

 private:
  DriftFeatures shape_;
  Eigen::MatrixXd all_;
  Index rows_;
};

/// What each of the circles, without their windings, gains by a drift, on the half of the rows that
/// it was not fitted to.
std::vector<double> gains(const Features& features, const std::vector<Turns>& rest) {
  std::vector<double> gains;
  for (std::size_t j = 0; j < rest.size(); ++j) {
    gains.push_back(0);
    const bool nothing = features.count(j) <= 1;  // but the constant
    if (nothing || !are_enough(rest[j].size(), features.count(j))) continue;
    const Eigen::MatrixXd all = features.before(j);
    const Eigen::MatrixXd weights =
        circular_regression(half_of(all, 0), half_of(rest[j], std::size_t{0}));
    const Eigen::MatrixXd points = half_of(all, 1) * weights.transpose();
    Turns without = half_of(rest[j], std::size_t{1}), with = without;
    double resultant = 0;
    for (std::size_t i = 0; i < with.size(); ++i) {
      const auto r = static_cast<Index>(i);
      with[i] -= turn_of(points(r, 0), points(r, 1));
      resultant += std::cos(kTwoPi * with[i]) / static_cast<double>(with.size());
    }
    if (resultant > kLeastResultant) gains.back() = concentration(with) - concentration(without);
  }
  return gains;
}

/// The circles of a table, in the chain's order.
struct Circles {
  std::vector<Index> columns;
  std::vector<Turns> turns, rest;  // the second without windings
};

Circles circles_of(const Dataset& fit, const std::vector<Index>& rows,
                   const std::vector<Support>& supports) {
  Circles circles;
  std::vector<Support> whole;
  for (const Support& support : supports) {
    if (support.kind == Support::Kind::circular) whole.push_back(support);
  }
  circles.columns = chain_order(supports, fit.x.cols());
  circles.columns.resize(whole.size());
  for (const Index j : circles.columns) {
    const auto column = static_cast<std::size_t>(j);
    circles.turns.push_back(turns_at(fit, rows, supports[column], column));
  }
  circles.rest = circles.turns;
  const std::vector<std::vector<int>> windings = front_of(whole, {}).windings;
  for (std::size_t j = 0; j < whole.size(); ++j) {
    for (std::size_t i = 0; i < windings[j].size(); ++i) {
      for (std::size_t r = 0; r < rows.size(); ++r) {
        circles.rest[j][r] -= windings[j][i] * circles.turns[i][r];
      }
    }
  }
  return circles;
}

}  // namespace

std::vector<Support> choose_drifts(const Dataset& fit, std::vector<Support> supports) {
  const std::vector<Index> rows = rows_of_angles(fit);
  const bool few = rows.size() < 2 * kFewestRowsOfAngles;
  const bool alone = circular_columns(supports) + fit.context.cols() < 2;
  if (circular_columns(supports) == 0 || alone || few || any_drift(supports)) return supports;
  const Circles circles = circles_of(fit, rows, supports);
  const Eigen::MatrixXd context = standard(fit, rows);
  double reached = 0;
  for (const Index waves : kWaves) {
    if (!are_enough(rows.size(), DriftFeatures{context.cols(), waves}.count(0))) break;
    std::vector<double> own = gains(Features(context, circles.turns, waves), circles.rest);
    double sum = 0;
    for (double& gain : own) sum += gain < kLeastGainOfAngles ? gain = 0 : gain;
    if (sum <= reached + kLeastMore) continue;
    reached = sum;
    for (std::size_t j = 0; j < own.size(); ++j) {
      supports[static_cast<std::size_t>(circles.columns[j])].waves =
          own[j] > 0 ? static_cast<int>(waves) : 0;
    }
  }
  return supports;
}

}  // namespace nflow
