#include "ask/line_nodes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ask/draws.h"
#include "nflow/order.h"
#include "stats/distributions.h"

namespace nflow {
namespace {

constexpr Index kDraws = 4096, kDrawsGiven = 64;
constexpr int kQuantiles = 32;
constexpr Index kNearest = 6;
constexpr double kBeyond[] = {0.25, 1, 3};  // in widths of the middle 80 %
constexpr int kAround = 16;                 // evenly spread over a circle
constexpr double kApart = 1e-9;             // of all nodes' range, at least

/// Evenly spread quantiles of the normal density: one column needs no random draws.
RowMatrix latent_quantiles(Index n) {
  RowMatrix z(n, 1);
  for (Index i = 0; i < n; ++i) {
    z(i, 0) = normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n));
  }
  return z;
}

void sort_apart(std::vector<double>& nodes) {
  std::sort(nodes.begin(), nodes.end());
  const double least = kApart * (nodes.back() - nodes.front());
  std::vector<double> kept{nodes.front()};
  for (const double node : nodes) {
    if (node - kept.back() > least && node > kept.back()) kept.push_back(node);
  }
  nodes = std::move(kept);
}

}  // namespace

LineNodes::LineNodes(Asked& asked, Index column) : asked_(asked), column_(column) {
  const Model& model = asked.model();
  closed_ =
      support_at(model.supports, static_cast<std::size_t>(column)).kind == Support::Kind::circular;
  const auto columns = static_cast<Index>(model.columns.size());
  const Index n = model.context.empty() && columns > 1 ? kDraws : kDrawsGiven;
  latent_ = columns == 1 ? latent_quantiles(n) : fixed_latent(0, n, columns);
  if (!model.context.empty()) return;
  draws_ = asked.draws(column, latent_, RowMatrix(n, 0));
  common_ = around({draws_.col(column).begin(), draws_.col(column).end()});
}

/// Quantiles of the draws, and nodes outside of them.
std::vector<double> LineNodes::around(std::vector<double> draws) const {
  draws.erase(
      std::remove_if(draws.begin(), draws.end(), [](double u) { return !std::isfinite(u); }),
      draws.end());
  std::sort(draws.begin(), draws.end());
  std::vector<double> nodes;
  if (closed_) {
    for (int k = 0; k <= kAround; ++k) nodes.push_back(static_cast<double>(k) / kAround - 0.5);
  }
  if (draws.empty()) {
    if (!closed_) nodes = {-1, 0, 1};
    return nodes;
  }
  for (int k = 0; k <= kQuantiles; ++k) {
    nodes.push_back(sorted_quantile(draws, static_cast<double>(k) / kQuantiles));
  }
  if (!closed_) {
    double width = sorted_quantile(draws, 0.9) - sorted_quantile(draws, 0.1);
    const double least = 1e-9 * std::max(std::fabs(draws.front()), std::fabs(draws.back()));
    width = std::max({width, least, 1e-300});
    for (const double widths : kBeyond) {
      nodes.push_back(draws.front() - widths * width);
      nodes.push_back(draws.back() + widths * width);
    }
  }
  sort_apart(nodes);
  return nodes;
}

/// The values of the column in the draws that are nearest to the row in the other columns.
void LineNodes::add_nearest(const RowMatrix& rows, Index i, std::vector<double>& nodes) const {
  std::vector<std::pair<double, Index>> distances(static_cast<std::size_t>(draws_.rows()));
  for (Index d = 0; d < draws_.rows(); ++d) distances[static_cast<std::size_t>(d)] = {0, d};
  for (Index j = 0; j < rows.cols(); ++j) {
    if (j == column_) continue;
    const double scale = asked_.scale(j), own = rows(i, j);
    for (auto& [distance, d] : distances) {
      const double away = scale > 0 ? (draws_(d, j) - own) / scale
                                    : (std::floor(draws_(d, j)) == std::floor(own) ? 0 : 1);
      distance += away * away;
    }
  }
  const Index nearest = std::min(kNearest, draws_.rows());
  std::partial_sort(distances.begin(), distances.begin() + nearest, distances.end(),
                    [](const auto& a, const auto& b) {
                      if (std::isnan(a.first) || std::isnan(b.first))
                        return std::isnan(b.first) && !std::isnan(a.first);
                      return a < b;
                    });
  for (Index k = 0; k < nearest; ++k) {
    const double u = draws_(distances[static_cast<std::size_t>(k)].second, column_);
    if (std::isfinite(u)) nodes.push_back(u);
  }
  sort_apart(nodes);
}

std::vector<std::vector<double>> LineNodes::of(const RowMatrix& rows,
                                               const RowMatrix& context) const {
  std::vector<std::vector<double>> nodes(static_cast<std::size_t>(rows.rows()), common_);
  if (context.cols() > 0) {
    const Index n = latent_.rows();
    const RowMatrix drawn =
        asked_.draws(column_, latent_.replicate(rows.rows(), 1), each_repeated(context, n));
    for (Index i = 0; i < rows.rows(); ++i) {
      const auto own = drawn.col(column_).segment(i * n, n);
      nodes[static_cast<std::size_t>(i)] = around({own.begin(), own.end()});
    }
  } else if (rows.cols() > 1) {
    for (Index i = 0; i < rows.rows(); ++i)
      add_nearest(rows, i, nodes[static_cast<std::size_t>(i)]);
  }
  return nodes;
}

}  // namespace nflow
