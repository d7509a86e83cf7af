#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nflow/order.h"
#include "nflow/pictures.h"
#include "plot/pictures.h"

namespace nflow::app {
namespace {

constexpr Index kBins = 40;
constexpr double kShown = 0.002;  // of a column's values, to either side, may lie outside

/// Rows and samples in turns, so that neither lies over the other, with their colours.
RowMatrix in_turns(const RowMatrix& rows, const RowMatrix& samples) {
  const Index n = rows.rows(), d = rows.cols();
  RowMatrix both(2 * n, d + 1);
  for (Index i = 0; i < n; ++i) {
    both.row(2 * i) << rows.row(i), static_cast<double>(0x60000000U | kDataColour);
    both.row(2 * i + 1) << samples.row(i), static_cast<double>(0x60000000U | kModelColour);
  }
  return both;
}

std::vector<double> column(const RowMatrix& rows, Index j) {
  return {rows.col(j).begin(), rows.col(j).end()};
}

struct Cell {
  Place place;
  Index row, col;
};

/// D x D panels, the lower triangle of which is drawn.
class Layout {
 public:
  explicit Layout(Index columns)
      : columns_(columns), width_(columns == 1 ? 560 : 120 + 150 * columns), height_(width_ - 40) {}

  int width() const { return static_cast<int>(width_); }
  int height() const { return static_cast<int>(height_); }

  Cell cell(Index row, Index col) const {
    const auto w = static_cast<double>(width_), h = static_cast<double>(height_);
    const double left = 85 / w, right = 1 - 20 / w, bottom = 60 / h,
                 top = 1 - (columns_ == 1 ? 60 : 20) / h;
    const double each = (right - left) / static_cast<double>(columns_);
    const double tall = (top - bottom) / static_cast<double>(columns_);
    const double x = left + each * static_cast<double>(col);
    const double y = top - tall * static_cast<double>(row + 1);
    return {{x, x + each - 8 / w, y, y + tall - 8 / h}, row, col};
  }

 private:
  Index columns_, width_, height_;
};

}  // namespace

Span span_of(std::vector<double> numbers, double share) {
  std::sort(numbers.begin(), numbers.end());
  const double low = sorted_quantile(numbers, share), high = sorted_quantile(numbers, 1 - share);
  const double room =
      high > low ? 0.05 * (high - low) : 0.5 * std::fmax(1, std::fabs(low));  // of one value
  return {low - room, high + room};
}

Script corner_script(const Model& model, const Dataset& data, const std::vector<Index>& columns,
                     const PictureOptions& options) {
  const RowMatrix drawn = samples_beside(data.context, model, options.seed, options.threads);
  const RowMatrix rows = data.x(Eigen::all, columns), samples = drawn(Eigen::all, columns);
  const auto count = static_cast<Index>(columns.size());
  const Layout layout(count);
  Script script(options.format, layout.width(), layout.height());
  const std::string both = script.data(in_turns(rows, samples));
  std::vector<Span> spans;
  for (Index j = 0; j < count; ++j) {
    std::vector<double> numbers = column(rows, j), more = column(samples, j);
    numbers.insert(numbers.end(), more.begin(), more.end());
    spans.push_back(span_of(std::move(numbers), kShown));
  }
  script.add("set multiplot");
  const auto name = [&](Index j) { return quoted(model.columns[columns[j]]); };
  for (Index row = 0; row < count; ++row) {
    for (Index col = 0; col <= row; ++col) {
      const Cell cell = layout.cell(row, col);
      script.place(cell.place);
      const bool lowest = row + 1 == count, leftmost = col == 0 && row > 0;
      script.axis("x", spans[col].low, spans[col].high, lowest);
      script.add(lowest ? "set xlabel " + name(col) : "unset xlabel");
      script.add(leftmost
                     ? fmt::format("set label 3 {} at screen {},{} center rotate by 90", name(row),
                                   18.0 / layout.width(), (cell.place.bottom + cell.place.top) / 2)
                     : "unset label 3");
      if (row != col) {
        script.axis("y", spans[row].low, spans[row].high, leftmost);
        const std::vector<Index> pair{col, row};
        const std::string panel = model.columns[columns[col]] + ", " + model.columns[columns[row]];
        script.note(panel, "data", rows(Eigen::all, pair));
        script.note(panel, "samples", samples(Eigen::all, pair));
        script.add(fmt::format("plot {} using {}:{}:{} with points pt 7 ps 0.22 lc rgb variable",
                               both, col + 1, row + 1, count + 1));
        continue;
      }
      const Span span = spans[col];
      const RowMatrix of_rows = histogram(column(rows, col), span.low, span.high, kBins);
      const RowMatrix of_samples = histogram(column(samples, col), span.low, span.high, kBins);
      script.note(model.columns[columns[col]], "data", of_rows);
      script.note(model.columns[columns[col]], "samples", of_samples);
      const double most = std::max(of_rows.col(1).maxCoeff(), of_samples.col(1).maxCoeff());
      script.add(fmt::format("set yrange [0:{}]\nunset ytics", 1.08 * most));
      script.bars(of_rows, fmt::format(", {} using 1:2 with steps lw 1.5 lc rgb {}",
                                       script.data(of_samples), colour(kModelColour)));
    }
  }
  // The legend, where there is room: in the upper triangle, or above the only panel.
  const double x = count == 1 ? layout.cell(0, 0).place.left : layout.cell(0, 0).place.right + 0.04;
  const double y = 1 - (count == 1 ? 16.0 : 46.0) / layout.height();
  const std::string text = "set label {0} {1} at screen {2},{3} front textcolor rgb {4}\n";
  script.add("unset border\nunset tics\nunset xlabel\nunset label 3");
  script.add(fmt::format(text, 1, quoted(fmt::format("data ({} rows)", rows.rows())), x, y,
                         colour(kDataColour)) +
             fmt::format(text, 2, quoted("samples of the model"), x, y - 20.0 / layout.height(),
                         colour(kModelColour)));
  script.add("set xrange [0:1]\nset yrange [0:1]\nplot NaN\nunset multiplot");
  return script;
}

}  // namespace nflow::app
