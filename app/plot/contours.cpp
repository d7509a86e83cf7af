#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nflow/error.h"
#include "nflow/pictures.h"
#include "nflow/printable.h"
#include "plot/pictures.h"

namespace nflow::app {
namespace {

constexpr Index kGrid = 240;
constexpr double kShown = 0.001;
const std::vector<double> kShares{0.99, 0.9, 0.5, 0.1};  // of the mass, from the outermost in
constexpr int kPlainPowers = 9;        // of ten: columns of such a size are drawn as they are
constexpr double kMostDensity = 1e30;  // gnuplot's contours end not far above

/// The power of ten that a column is drawn in.
double unit_of(const Eigen::VectorXd& column) {
  const double largest = column.cwiseAbs().maxCoeff();
  const double power = std::floor(std::log10(largest));
  if (!(largest > 0) || std::fabs(power) <= kPlainPowers) return 1;
  return std::pow(10, std::max<double>(power, std::numeric_limits<double>::min_exponent10));
}

void refuse_extremes(const std::vector<double>& levels) {
  for (const double level : levels) {
    if (level > 1 / kMostDensity && level < kMostDensity) continue;
    throw Error("the density is too uneven for a picture");
  }
}

/// What the picture shows, in the units of the columns and the density of the drawn ones.
struct Shown {
  const RowMatrix& rows;
  const RowMatrix& densities;
  const std::vector<double>& levels;
  const Rectangle& where;
  const Units& units;
};

void note_numbers(Script& script, const Model& model, const Shown& shown) {
  const std::string panel = joined(model.columns);
  const double unit = shown.units[0] * shown.units[1], steps = static_cast<double>(kGrid - 1);
  const auto at = [&](int j, Index i) {
    const double width = shown.where.high[j] - shown.where.low[j];
    return shown.units[j] * (shown.where.low[j] + width * static_cast<double>(i) / steps);
  };
  RowMatrix density(shown.densities.size(), 3);
  for (Index i = 0; i < density.rows(); ++i) {
    const Index across = i % kGrid, up = i / kGrid;
    density.row(i) << at(0, across), at(1, up), shown.densities(up, across) / unit;
  }
  script.note(panel, "density", density);
  script.note(panel, "data", shown.rows);
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    RowMatrix level(1, 3);
    level << std::nan(""), std::nan(""), shown.levels[i] / unit;
    script.note(panel, fmt::format("level of {} of the mass", kShares[i]), level);
  }
}

}  // namespace

Script contours_script(const Model& model, const Dataset& data, const PictureOptions& options) {
  Units units{1, 1};
  if (data.x.cols() == 2) units = {unit_of(data.x.col(0)), unit_of(data.x.col(1))};
  const std::vector<double> levels =
      density_levels(model, kShares, units, options.seed, options.threads);
  refuse_extremes(levels);
  RowMatrix drawn = data.x;
  for (int j = 0; j < 2; ++j) drawn.col(j) /= units[j];
  Script script(options.format, 640, 560);
  Rectangle where{};
  for (int j = 0; j < 2; ++j) {
    const Span span = span_of({drawn.col(j).begin(), drawn.col(j).end()}, kShown);
    const double room = 0.05 * (span.high - span.low);
    where.low[j] = span.low - room;
    where.high[j] = span.high + room;
    script.axis(j == 0 ? "x" : "y", where.low[j], where.high[j], true, 5);
    const std::string unit = units[j] == 1 ? "" : fmt::format(" / {:g}", units[j]);
    script.add(fmt::format("set {}label {}", j == 0 ? 'x' : 'y', quoted(model.columns[j] + unit)));
  }
  const RowMatrix densities = density_grid(model, where, units, kGrid, options.threads);
  note_numbers(script, model, {data.x, densities, levels, where, units});
  const std::string grid = script.data(densities);
  const std::string points = script.data(drawn);
  const auto scaled = [&](int j) {
    return fmt::format("({} + ${} * {})", where.low[j], j + 1,
                       (where.high[j] - where.low[j]) / static_cast<double>(kGrid - 1));
  };
  const std::string places = scaled(0) + ":" + scaled(1);
  script.add("set contour base\nunset surface\nset cntrparam levels discrete " +
             fmt::format("{}", fmt::join(levels, ",")));
  script.add(
      fmt::format("set table $lines\nsplot {} matrix using {}:3\nunset table", grid, places));
  script.add("unset contour\nset surface");
  // Colours follow the logarithm of the density, down to some way below the outermost contour.
  const double most = *std::max_element(levels.begin(), levels.end());
  const double least = *std::min_element(levels.begin(), levels.end());
  script.add("set palette defined (0 '#ffffff', 0.25 '#dceaf4', 0.6 '#8fbcd8', 1 '#2f6690')");
  script.add(fmt::format("set cbrange [{}:{}]\nset logscale cb\nset format cb '%g'", least / 10,
                         2 * most));
  script.add("set cblabel 'density' offset 1,0\nset colorbox");
  script.add("set key outside top center horizontal samplen 1.5");
  std::string plot = fmt::format("plot {} matrix using {}:($3 > {} ? $3 : {}) with image notitle, ",
                                 grid, places, least / 10, least / 10);
  plot += fmt::format("{} using 1:2 with points pt 7 ps 0.25 lc rgb {} title 'rows of the data', ",
                      points, colour(0x202020, 0x70));
  plot += fmt::format("$lines with lines lw 1.6 lc rgb {} title '10, 50, 90, 99 % of the mass'",
                      colour(kModelColour));
  script.add(plot);
  return script;
}

}  // namespace nflow::app
