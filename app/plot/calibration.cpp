#include "nflow/calibration.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "nflow/pictures.h"
#include "plot/pictures.h"

namespace nflow::app {
namespace {

constexpr Index kDraws = 99;
constexpr Index kBins = 20;
constexpr double kBand = 0.99;  // of the bars lie in the band where the model is right

}  // namespace

Script calibration_script(const Model& model, const Dataset& data,
                          const std::vector<Index>& columns, const PictureOptions& options) {
  const RowMatrix places = column_places(model, data, kDraws, options.seed, options.threads);
  const auto panels = static_cast<Index>(columns.size()) + 1;
  const Index wide =
      std::min<Index>(panels, panels <= 4 ? (panels + panels % 2) / (panels > 3 ? 2 : 1) : 4);
  const Index tall = (panels + wide - 1) / wide;
  const Index width = 60 + 230 * wide, height = 30 + 190 * tall;
  Script script(options.format, static_cast<int>(width), static_cast<int>(height));
  script.add("set multiplot\nset xrange [0:1]\nset xtics 0.5 offset 0,0.3");
  double most = 0;
  std::vector<RowMatrix> bars;
  for (Index p = 0; p < panels; ++p) {
    std::vector<double> numbers;
    if (p + 1 < panels) {
      const auto place = places.col(columns[p]);
      numbers.assign(place.begin(), place.end());
    } else {
      numbers = radius_places(latent_numbers(model, data, options.seed, options.threads));
    }
    bars.push_back(histogram(numbers, 0, 1, kBins));
    most = std::max(most, bars.back().col(1).maxCoeff());
  }
  const CountBand band = chance_band(data.x.rows(), kBins, kBand);
  const double each = static_cast<double>(kBins) / static_cast<double>(data.x.rows());
  const double high = std::max(most, band.high * each) * 1.08;
  const std::string lines = fmt::format(", {} dt 2 lc rgb {}, {} dt 2 lc rgb {}, 1 lc rgb {}",
                                        band.low * each, colour(kQuietColour), band.high * each,
                                        colour(kQuietColour), colour(kQuietColour));
  script.add(fmt::format("set label 1 {} at screen 0.5,screen {} center",
                         quoted("dashed: 99 in 100 bars lie between where the model is right"),
                         10.0 / static_cast<double>(height)));
  for (Index p = 0; p < panels; ++p) {
    const auto w = static_cast<double>(width), h = static_cast<double>(height);
    const Index across = p % wide, down = p / wide;
    const double left = 50.0 + 230.0 * static_cast<double>(across);
    const double top = h - 28 - 190.0 * static_cast<double>(down);
    script.place({left / w, (left + 205) / w, (top - 140) / h, top / h});
    const std::string panel = p + 1 < panels ? model.columns[columns[p]] : "all columns (radius)";
    script.add("set title " + quoted(panel) + " offset 0,-0.7");
    script.note(panel, "data", bars[p]);
    RowMatrix limits(2, 2);
    limits << 0, band.low * each, 1, band.low * each;
    script.note(panel, "99 in 100 above", limits);
    limits.col(1).setConstant(band.high * each);
    script.note(panel, "99 in 100 below", limits);
    script.axis("y", 0, high, across == 0);
    script.bars(bars[p], lines);
    script.add("unset label 1");
  }
  script.add("unset multiplot");
  return script;
}

}  // namespace nflow::app
