#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "nflow/order.h"
#include "plot/pictures.h"

namespace nflow::app {
namespace {

/// From the better part of both curves: what the first epochs climb would leave the rest flat.
Span log_p_span(const RowMatrix& epochs) {
  std::vector<double> numbers;
  for (const double value : epochs.rightCols(2).reshaped()) {
    if (!std::isnan(value)) numbers.push_back(value);
  }
  if (numbers.empty()) return {0, 1};
  std::sort(numbers.begin(), numbers.end());
  const double high = numbers.back(), middle = sorted_quantile(numbers, 0.25);
  const double low = std::max(numbers.front(), high - 3 * (high - middle));
  const double room = high > low ? 0.05 * (high - low) : 0.5;
  return {low - room, high + room};
}

/// The row of the best validation; none where no epoch has one.
std::optional<Index> best_row(const RowMatrix& epochs) {
  std::optional<Index> best;
  for (Index i = 0; i < epochs.rows(); ++i) {
    if (std::isnan(epochs(i, 2))) continue;
    if (!best || epochs(i, 2) > epochs(*best, 2)) best = i;
  }
  return best;
}

}  // namespace

Script history_script(const RowMatrix& epochs, const PictureOptions& options) {
  Script script(options.format, 640, 440);
  const Span span = log_p_span(epochs);
  script.axis("x", 0, epochs(epochs.rows() - 1, 0), true, 6);
  script.axis("y", span.low, span.high, true, 6);
  script.add("set xlabel 'epoch'\nset ylabel 'log p, nats/row'");
  script.add("set grid ytics lc rgb '#d8d8d8' lw 1 dt 1\nset key bottom right samplen 2");
  script.add("set datafile missing");  // NaN breaks a curve
  const std::string curves = script.data(epochs);
  script.note("log p", "training", epochs.leftCols(2));
  script.note("log p", "validation", epochs(Eigen::all, std::vector<Index>{0, 2}));
  std::string plot = fmt::format(
      "plot {0} using 1:2 with lines lw 1.8 lc rgb {1} title 'training', "
      "{0} using 1:3 with lines lw 1.8 lc rgb {2} title 'validation'",
      curves, colour(kDataColour), colour(kModelColour));
  if (const std::optional<Index> best = best_row(epochs)) {
    const RowMatrix point = epochs.row(*best);
    plot += fmt::format(", {} using 1:3 with points pt 7 ps 1 lc rgb {} title {}",
                        script.data(point), colour(kModelColour),
                        quoted(fmt::format("best: {:.4f} at epoch {:.0f}", point(2), point(0))));
  }
  script.add(plot);
  return script;
}

}  // namespace nflow::app
