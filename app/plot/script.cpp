#include "plot/script.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/printable.h"

namespace nflow::app {
namespace {

const char* const kMissing = "NaN";
constexpr double kDotsPerInch = 96;

// Beyond these widths gnuplot's own arithmetic ends.
constexpr double kNarrowest = 1e-305, kWidest = 1e305;

/// A round step of which about `count` fit.
double round_step(double width, int count) {
  const double rough = width / count, unit = std::pow(10, std::floor(std::log10(rough)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (step * unit >= 0.6 * rough) return step * unit;
  }
  return 10 * unit;
}

/// No column's name may be taken for markup: noenhanced.
std::string terminal(PictureFormat format, int width, int height) {
  if (format == PictureFormat::png) {
    return fmt::format("set terminal pngcairo noenhanced size {},{} font 'DejaVu Sans,10'", width,
                       height);
  }
  if (format == PictureFormat::pdf) {
    return fmt::format(
        "set terminal pdfcairo noenhanced size {:.3f}in,{:.3f}in font "
        "'DejaVu Sans,10' fontscale 0.67 pointscale 0.6 linewidth 0.7",
        width / kDotsPerInch, height / kDotsPerInch);
  }
  return fmt::format(
      "set terminal svg noenhanced size {},{} font 'DejaVu Sans,Arial,sans-serif,13' background "
      "'white'",
      width, height);
}

}  // namespace

Script::Script(PictureFormat format, int width, int height)
    : notes_(format == PictureFormat::csv), numbers_("panel,series,x,y,z\n") {
  add(terminal(format, width, height));
  add("set border 31 lw 0.8 lc rgb '#606060'");
  add("set tics nomirror scale 0.6 textcolor rgb '#303030'");
  add("set key off");
  add("set datafile missing 'NaN'");
  add("set samples 400");
}

std::string Script::data(const RowMatrix& rows) {
  std::string name = "$d" + std::to_string(++blocks_);
  text_ += name + " << EOD\n";
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < rows.cols(); ++j) {
      if (j > 0) text_ += ' ';
      if (std::isfinite(rows(i, j))) {
        append_number(text_, rows(i, j));
      } else {
        text_ += kMissing;
      }
    }
    text_ += '\n';
  }
  text_ += "EOD\n";
  return name;
}

void Script::note(const std::string& panel, const std::string& series, const RowMatrix& rows) {
  if (!notes_) return;
  std::string start;
  append_field(start, panel, ',');
  start += ',';
  append_field(start, series, ',');
  for (Index i = 0; i < rows.rows(); ++i) {
    numbers_ += start;
    for (Index j = 0; j < 3; ++j) {
      numbers_ += ',';
      if (j < rows.cols() && !std::isnan(rows(i, j))) append_number(numbers_, rows(i, j));
    }
    numbers_ += '\n';
  }
}

void Script::place(const Place& place) {
  add(fmt::format("set lmargin at screen {}\nset rmargin at screen {}", place.left, place.right));
  add(fmt::format("set bmargin at screen {}\nset tmargin at screen {}", place.bottom, place.top));
}

void Script::axis(const std::string& name, double low, double high, bool numbers, int tics) {
  const double width = high - low;
  if (!(width > kNarrowest && width < kWidest)) {
    throw Error(fmt::format("numbers from {:.3g} to {:.3g} cannot be drawn", low, high));
  }
  add(fmt::format("set {}range [{}:{}]", name, low, high));
  // A number at an end of x would meet that of the next panel.
  const double step = round_step(width, tics);
  const bool flat = name == "x";
  const double first = low + (flat ? 0.03 * width : 0), last = high - (flat ? 0.08 : 0.03) * width;
  add(fmt::format("set {}tics {},{},{}", name, std::ceil(first / step) * step, step, last));
  add(fmt::format("set format {} '{}'", name, numbers ? "%g" : ""));
}

void Script::bars(const RowMatrix& histogram, const std::string& over) {
  add(fmt::format("plot {} using 1:2 with fillsteps fs solid lc rgb {}{}", data(histogram),
                  colour(kBarColour), over));
}

std::string quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : shown(text)) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

std::string colour(unsigned rgb, unsigned clear) {
  return clear == 0 ? fmt::format("'#{:06x}'", rgb) : fmt::format("'#{:02x}{:06x}'", clear, rgb);
}

}  // namespace nflow::app
