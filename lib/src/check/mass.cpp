// The integral of the density.

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/checks.h"
#include "math/cubature.h"
#include "nflow/order.h"
#include "standardised.h"

namespace nflow {
namespace {

constexpr Index kRows = 4000;          // that show where the mass is
constexpr double kMostMissing = 2e-3;  // of the mass
constexpr double kTolerance = 2e-4;    // of the integral
constexpr Index kMostPoints = 400000;

constexpr double kShares[] = {0.001, 0.01, 0.05, 0.1, 0.2,  0.3,  0.4,  0.5,
                              0.6,   0.7,  0.8,  0.9, 0.95, 0.99, 0.999};

/// Along one column: cuts where samples have their quantiles, on a scale on which all of it is
/// finite. Beyond the outermost quantiles a and b this is u = b + (b - a) t / (1 - t), 0 <= t < 1.
class Axis {
 public:
  Axis(const Support& support, const RowMatrix& samples, Index column) {
    if (support.kind == Support::Kind::circular) {
      edges_ = {-0.5, -0.375, -0.25, -0.125, 0, 0.125, 0.25, 0.375, 0.5};
      return;
    }
    std::vector<double> numbers(samples.col(column).begin(), samples.col(column).end());
    std::sort(numbers.begin(), numbers.end());
    for (const double share : kShares) {
      const double edge = sorted_quantile(numbers, share);
      if (edges_.empty() || edge > edges_.back()) edges_.push_back(edge);
    }
    low_ = edges_.front();
    high_ = edges_.back();
    width_ = std::max(high_ - low_, 1e-12);
    edges_.insert(edges_.begin(), low_ - 1);  // t = 1 at both ends
    edges_.push_back(high_ + 1);
  }

  const std::vector<double>& edges() const { return edges_; }

  /// The column's number at a place of this scale, and du/dplace into `slope`.
  double operator()(double place, double& slope) const {
    const double t = place < low_ ? low_ - place : place - high_;
    if (width_ == 0 || t <= 0) return place;
    slope *= width_ / ((1 - t) * (1 - t));
    const double beyond = width_ * t / (1 - t);
    return place < low_ ? low_ - beyond : high_ + beyond;
  }

 private:
  std::vector<double> edges_;
  double low_ = 0, high_ = 0, width_ = 0;  // width 0: all of it is between the edges
};

Integral mass_of(const Subject& subject, const Model& chain, Evaluator& evaluator, Index number) {
  const RowMatrix drawn = draw(evaluator, subject, subject.one_context(kRows, number),
                               3 + static_cast<unsigned>(number));
  const RowMatrix samples = drawn(finite_places(drawn), Eigen::all);
  if (samples.rows() == 0) return {std::numeric_limits<double>::quiet_NaN(), 0};
  std::vector<Axis> axes;
  std::vector<std::vector<double>> edges;
  for (Index j = 0; j < samples.cols(); ++j) {
    axes.emplace_back(support_at(chain.supports, static_cast<std::size_t>(j)), samples, j);
    edges.push_back(axes.back().edges());
  }
  const auto density = [&](const RowMatrix& places) {
    RowMatrix u = places;
    std::vector<double> slope(static_cast<std::size_t>(u.rows()), 1), values;
    for (Index i = 0; i < u.rows(); ++i) {
      for (Index j = 0; j < u.cols(); ++j) {
        u(i, j) =
            axes[static_cast<std::size_t>(j)](places(i, j), slope[static_cast<std::size_t>(i)]);
      }
    }
    evaluator.log_prob(u, subject.one_context(u.rows(), number), values);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::exp(values[i]) * slope[i];
    return values;
  };
  return integrate(density, edges, kTolerance, kMostPoints / subject.few_contexts());
}

}  // namespace

/// By adaptive cubature, over one column or two. More are left to check_samples(). Of a conditional
/// model, the worst of a few contexts.
Findings check_mass(const Subject& subject) {
  if (subject.columns() > 2) return {};
  const Model chain = standardised(subject.model);
  Evaluator evaluator(chain, subject.options.threads);
  Integral worst{1, 0};
  for (Index number = 0; number < subject.few_contexts(); ++number) {
    const Integral mass = mass_of(subject, chain, evaluator, number);
    if (number == 0 || !(std::fabs(mass.value - 1) <= std::fabs(worst.value - 1))) worst = mass;
  }
  const double missing = std::fabs(worst.value - 1);
  Finding finding = bounded("mass", missing, kMostMissing,
                            "from 1: the integral is " + short_number(worst.value, 6));
  if (missing > kMostMissing && missing < 10 * worst.error) {  // narrow peaks were passed over
    finding.verdict = Finding::Verdict::open;
    finding.detail = "too rough for the quadrature: " + short_number(worst.value, 4) + " +- " +
                     short_number(worst.error, 2);
  }
  return {finding};
}

}  // namespace nflow
