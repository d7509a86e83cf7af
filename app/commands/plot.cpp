
#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <utility>

#include "commands/command.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"
#include "options/options.h"
#include "plot/gnuplot.h"
#include "plot/pictures.h"
#include "processes/world.h"
#include "report/log.h"
#include "tables/sample_of_rows.h"

namespace nflow::app {
namespace {

const std::uint64_t kRows = 2000, kLeastRows = 10, kMostRows = 100000;

}  // namespace

Syntax plot_syntax() {
  return {
      "plot",
      {"plot -m MODEL [DATA] -o FILE [--kind KIND] [options]",
       "plot --kind history [HISTORY] -o FILE [options]"},
      "Draws pictures, as PNG, SVG or PDF, with gnuplot, which must be installed; or writes the\n"
      "numbers that a picture shows, as CSV. Kinds:\n"
      "  corner       DATA against samples: each column, each pair of columns\n"
      "  contours     the density of a model of two columns over DATA\n"
      "  calibration  places of DATA in the model's distributions (PIT); even where it is right\n"
      "  links        DATA carried to the unit Gaussian link by link, for one column or two\n"
      "  history      log p over the epochs, from the file of train --history\n",
      {"nflow plot -m data.nflow data.csv -o corner.png",
       "nflow plot -m data.nflow test.csv --kind calibration -o pit.svg",
       "nflow plot --kind history history.csv -o history.png"},
      {{"Model", {{"model", 'm', "MODEL", "the model, but for a history; - is standard input"}}},
       {"Picture",
        {{"kind", 0, "corner|contours|calibration|links|history", "what to draw (default: corner)"},
         {"columns", 0, "LIST", "columns to draw (default: all, and at most eight)"},
         {"subset",
          0,
          whole_number("N", kLeastRows, kMostRows),
          "rows of DATA to draw, chosen by the seed (default: 2000)",
          {},
          false,
          "rows"},
         {"format", 0, "png|svg|pdf|csv", "of the picture (default: by the end of FILE)"},
         output_option("where the picture goes; required")}},
       input_group()},
      "",
      "DATA"};
}

namespace {

const std::size_t kMostColumns = 8;

const std::pair<const char*, PictureFormat> kFormats[] = {{"png", PictureFormat::png},
                                                          {"svg", PictureFormat::svg},
                                                          {"pdf", PictureFormat::pdf},
                                                          {"csv", PictureFormat::csv}};

/// Also in capitals.
bool ends(const std::string& text, const std::string& with) {
  if (text.size() < with.size()) return false;
  return std::equal(with.rbegin(), with.rend(), text.rbegin(), [](char a, char b) {
    return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
  });
}

PictureFormat picture_format(const Arguments& arguments) {
  const std::string path = arguments.required("output");
  for (const auto& [name, format] : kFormats) {
    if (arguments.given("format") ? arguments.text("format", "") == name
                                  : ends(path, std::string(".") + name)) {
      return format;
    }
  }
  throw UsageError("'" + path +
                   "' ends in none of .png, .svg, .pdf and .csv; --format says which it is");
}

void refuse(const Arguments& arguments, const std::string& kind, const char* option) {
  if (arguments.given(option)) {
    throw UsageError(arguments.spelling(option) + " has no meaning for the kind " + kind);
  }
}

/// Axes are for numbers.
void refuse_labels(const Model& model, const std::string& path) {
  for (std::size_t j = 0; j < model.supports.size(); ++j) {
    const Support& support = model.supports[j];
    const bool category = support.kind == Support::Kind::category;
    if (!category && !support.holes) continue;
    throw Error(printable(path) + ": column '" + printable(model.columns[j]) + "' " +
                (category ? "holds labels" : "has missing values") +
                ", and pictures are of models of numbers alone");
  }
}

/// The places of the columns to draw among the model's.
std::vector<Index> columns_of(const Model& model, const Arguments& arguments) {
  if (arguments.given("columns")) {
    std::vector<Index> columns;
    try {
      columns = find_columns(model.columns, arguments.text("columns", ""));
    } catch (const UsageError& problem) {
      throw UsageError(arguments.spelling("columns") + ": " + problem.what());
    }
    if (columns.size() <= kMostColumns) return columns;
    throw UsageError("--columns names " + std::to_string(columns.size()) + " columns, and " +
                     std::to_string(kMostColumns) + " can be drawn");
  }
  std::vector<Index> columns(std::min(model.columns.size(), kMostColumns));
  if (columns.size() < model.columns.size()) {
    log_info("draws the first {} of {} columns; --columns chooses others", kMostColumns,
             model.columns.size());
  }
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

/// A log p that is missing or infinite is a gap in its curve.
CsvFormat history_format(const Arguments& arguments) {
  CsvFormat format = csv_format(arguments);
  format.missing = CsvFormat::Missing::keep;
  format.na_tokens.insert(format.na_tokens.end(), {"inf", "-inf"});
  return format;
}

/// Epoch, train and validation of each row of a history.
RowMatrix read_history(const Arguments& arguments) {
  CsvReader reader(data_path(arguments), history_format(arguments));
  try {
    reader.select({find_column(reader.names(), "epoch"), find_column(reader.names(), "train"),
                   find_column(reader.names(), "validation")});
  } catch (const UsageError& problem) {
    throw Error(reader.name() + ": " + problem.what() + "; is this a file of train --history?");
  }
  reader.set_check([](const double* row) { return std::isnan(row[0]) ? "no epoch" : ""; });
  RowMatrix rows(0, 3);
  for (CsvChunk chunk; reader.read(chunk, kChunkRows);) {
    const Index before = rows.rows();
    rows.conservativeResize(before + chunk.rows.rows(), 3);
    rows.bottomRows(chunk.rows.rows()) = chunk.rows;
  }
  if (rows.rows() == 0) throw Error(reader.name() + ": no epochs");
  return rows;
}

Script script_of(const std::string& kind, const Arguments& arguments,
                 const PictureOptions& options) {
  if (kind == "history") {
    for (const char* option : {"model", "columns", "subset"}) refuse(arguments, kind, option);
    return history_script(read_history(arguments), options);
  }
  if (kind == "contours" || kind == "links") refuse(arguments, kind, "columns");
  const auto most = static_cast<Index>(arguments.count("subset", kRows));
  ModelInput input(arguments);
  const Model& model = input.model();
  refuse_labels(model, arguments.required("model"));
  const Dataset rows = sample_of_rows(input, arguments, static_cast<Index>(kLeastRows), most);
  if (kind == "contours") return contours_script(model, rows, options);
  if (kind == "links") return links_script(model, rows, options);
  const std::vector<Index> columns = columns_of(model, arguments);
  if (kind == "calibration") return calibration_script(model, rows, columns, options);
  return corner_script(model, rows, columns, options);
}

}  // namespace

int run_plot(const Arguments& arguments) {
  PictureOptions options;
  options.format = picture_format(arguments);
  options.seed = seed(arguments, 0);
  options.threads = threads(arguments);
  const std::string path = arguments.required("output");
  if (options.format == PictureFormat::png) refuse_terminal(path, "a PNG picture");
  if (options.format == PictureFormat::pdf) refuse_terminal(path, "a PDF picture");
  check_output(path);
  if (!first_rank()) return 0;  // one process does it all
  const Script script = script_of(arguments.text("kind", "corner"), arguments, options);
  const bool numbers = options.format == PictureFormat::csv;
  write_file(path, numbers ? script.numbers() : run_gnuplot(script.text()));
  return 0;
}

}  // namespace nflow::app
