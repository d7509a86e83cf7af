#include "check/axis.h"

#include <algorithm>
#include <cmath>

#include "nflow/order.h"

namespace nflow {
namespace {

constexpr double kShares[] = {0.001, 0.01, 0.05, 0.1, 0.2,  0.3,  0.4,  0.5,
                              0.6,   0.7,  0.8,  0.9, 0.95, 0.99, 0.999};
constexpr Index kDrawsOfCell = 2;
constexpr int kDoublings = 30;  // of cells outwards

/// The numbers of the draws at which cells begin and end.
std::vector<double> quantiles(const std::vector<double>& sorted, Axis::Cuts cuts) {
  std::vector<double> edges;
  const auto add = [&](double edge) {
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  };
  if (cuts == Axis::Cuts::few) {
    for (const double share : kShares) add(sorted_quantile(sorted, share));
  } else {
    for (std::size_t i = 0; i < sorted.size(); i += kDrawsOfCell) add(sorted[i]);
    if (!sorted.empty()) add(sorted.back());
  }
  return edges;
}

/// Cuts between a and b so that cells beside those of widths `left` and `right` are at most three
/// times as wide, and so on inwards.
void grade(double a, double b, double left, double right, std::vector<double>& edges) {
  while (b - a > 3 * std::min(left, right)) {
    const bool from_left = left <= right;
    double& width = from_left ? left : right;
    double& end = from_left ? a : b;
    const double cut = from_left ? a + 2 * width : b - 2 * width;
    if (!(cut > a && cut < b)) return;  // the last digit
    edges.push_back(cut);
    end = cut;
    width *= 2;
  }
}

std::vector<double> graded(const std::vector<double>& edges) {
  std::vector<double> all = edges;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double width = edges[i + 1] - edges[i];
    const double left = i > 0 ? edges[i] - edges[i - 1] : width;
    const double right = i + 2 < edges.size() ? edges[i + 2] - edges[i + 1] : width;
    grade(edges[i], edges[i + 1], left, right, all);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

Axis::Axis(bool circle, const Eigen::Ref<const Eigen::VectorXd, 0, Eigen::InnerStride<>>& draws,
           Cuts cuts) {
  std::vector<double> sorted(draws.begin(), draws.end());
  std::sort(sorted.begin(), sorted.end());
  if (circle && cuts == Cuts::few) {
    for (int eighth = -4; eighth <= 4; ++eighth) edges_.push_back(eighth / 8.0);
    return;
  }
  edges_ = quantiles(sorted, cuts);
  if (circle) {
    if (edges_.front() > -0.5) edges_.insert(edges_.begin(), -0.5);
    if (edges_.back() < 0.5) edges_.push_back(0.5);
  }
  if (cuts == Cuts::all_along) edges_ = graded(edges_);
  if (circle) return;
  low_ = edges_.front();
  high_ = edges_.back();
  const bool fine = cuts == Cuts::all_along && edges_.size() > 2;
  low_width_ = std::max(fine ? edges_[1] - low_ : high_ - low_, 1e-12);
  high_width_ = std::max(fine ? high_ - edges_[edges_.size() - 2] : high_ - low_, 1e-12);
  open_ends(fine ? kDoublings : 0);
}

/// Adds the cells beyond, each twice as wide as the one before; t = 1 at both ends.
void Axis::open_ends(int doublings) {
  for (int k = 1; k <= doublings; ++k) {
    edges_.insert(edges_.begin(), low_ - (1 - std::ldexp(1, -k)));
    edges_.push_back(high_ + (1 - std::ldexp(1, -k)));
  }
  edges_.insert(edges_.begin(), low_ - 1);
  edges_.push_back(high_ + 1);
}

double Axis::operator()(double place, double& slope) const {
  const bool below = place < low_;
  const double t = below ? low_ - place : place - high_;
  const double width = below ? low_width_ : high_width_;
  if (width == 0 || t <= 0) return place;
  slope *= width / ((1 - t) * (1 - t));
  const double beyond = width * t / (1 - t);
  return below ? low_ - beyond : high_ + beyond;
}

}  // namespace nflow
