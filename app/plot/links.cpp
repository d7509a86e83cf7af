#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "nflow/error.h"
#include "nflow/pictures.h"
#include "plot/pictures.h"

namespace nflow::app {
namespace {

constexpr std::size_t kPanels = 8;  // at most; of longer chains some links are passed over
constexpr std::size_t kWide = 4;
constexpr double kSide = 3.6;  // of the latent space that is shown
constexpr Index kBins = 60;

/// Which stages are drawn: the first, the last, and others evenly between them.
std::vector<std::size_t> chosen(std::size_t stages) {
  const std::size_t count = std::min(stages, kPanels);
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(i * (stages - 1) / (count - 1));
  return list;
}

std::string title(const Model& model, std::size_t stage) {
  if (stage == 0) return "data";
  const std::string name = model.flow.links[stage - 1].name;
  return fmt::format("{}: {}{}", stage, name, stage == model.flow.links.size() ? " = latent" : "");
}

/// A stage's picture.
struct Panel {
  const RowMatrix& rows;
  bool data;      // in the units of the columns, and not on the way to a Gaussian
  bool labelled;  // on the left too

  Span span(Index column) const {
    if (!data) return {-kSide, kSide};
    return span_of({rows.col(column).begin(), rows.col(column).end()}, 0);
  }
};

/// The histogram of one column.
void add_bars(Script& script, const Panel& panel) {
  const Span x = panel.span(0);
  script.axis("x", x.low, x.high, true);
  const RowMatrix parts =
      histogram({panel.rows.col(0).begin(), panel.rows.col(0).end()}, x.low, x.high, kBins);
  script.add(
      fmt::format("set yrange [0:{}]\nunset ytics", 1.08 * std::max(parts.col(1).maxCoeff(), 0.4)));
  script.bars(parts,
              panel.data ? "" : ", exp(-x**2/2)/sqrt(2*pi) lw 1.8 lc rgb " + colour(kModelColour));
}

/// The rows of two columns as points, each in a colour of its own.
void add_points(Script& script, const Panel& panel, const std::vector<double>& colours) {
  const Span x = panel.span(0), y = panel.span(1);
  script.axis("x", x.low, x.high, true);
  script.axis("y", y.low, y.high, panel.labelled);
  RowMatrix coloured(panel.rows.rows(), 3);
  coloured << panel.rows, Eigen::Map<const Eigen::VectorXd>(colours.data(), coloured.rows());
  std::string plot =
      fmt::format("plot {} using 1:2:3 with points pt 7 ps 0.25 palette", script.data(coloured));
  for (const double share : {0.5, 0.99}) {
    if (panel.data) continue;
    plot += fmt::format(", {} using 1:2 with lines lw 1 lc rgb {}",
                        script.data(circle_around(share)), colour(kQuietColour));
  }
  script.add(plot);
}

}  // namespace

Script links_script(const Model& model, const Dataset& data, const PictureOptions& options) {
  const std::size_t columns = model.columns.size();
  if (columns > 2) {
    throw Error("links are drawn of 1 or 2 columns, and the model has " + std::to_string(columns));
  }
  const std::vector<RowMatrix> stages = link_by_link(model, data.x, options.threads);
  std::vector<double> colours;  // a point keeps its own
  if (columns == 2) colours = directions(model, data.x);
  const std::vector<std::size_t> shown = chosen(stages.size());
  const std::size_t wide = std::min(kWide, shown.size()), tall = (shown.size() + wide - 1) / wide;
  const double w = 40 + 215.0 * static_cast<double>(wide),
               h = 20 + 240.0 * static_cast<double>(tall);
  Script script(options.format, static_cast<int>(w), static_cast<int>(h));
  script.add("set multiplot");
  script.add("set palette model HSV defined (0 0 0.75 0.85, 1 1 0.75 0.85)\nunset colorbox");
  script.add("set cbrange [0:1]");
  script.add(fmt::format("set label 1 {} at screen 0.5,screen {} center",
                         quoted(columns == 1 ? "curve: the unit Gaussian"
                                             : "circles: half and 99 in 100 of a unit Gaussian lie "
                                               "inside; a point keeps its colour"),
                         10 / h));
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::size_t across = i % wide, down = i / wide;
    const double left = 35 + 215.0 * static_cast<double>(across);
    const double top = h - 30 - 240.0 * static_cast<double>(down);
    script.place({left / w, (left + 190) / w, (top - 180) / h, top / h});
    script.add("set title " + quoted(title(model, shown[i])) + " offset 0,-0.6");
    script.note(title(model, shown[i]), "data", stages[shown[i]]);
    const Panel panel{stages[shown[i]], shown[i] == 0, across == 0 || shown[i] <= 1};
    if (columns == 1) {
      add_bars(script, panel);
    } else {
      add_points(script, panel, colours);
    }
    script.add("unset label 1");
  }
  script.add("unset multiplot");
  return script;
}

}  // namespace nflow::app
