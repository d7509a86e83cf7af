#include "training/train_data.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "nflow/defaults.h"
#include "nflow/error.h"
#include "nflow/preflight.h"
#include "nflow/printable.h"
#include "nflow/read_table.h"
#include "nflow/row_split.h"
#include "processes/world.h"
#include "report/log.h"
#include "tables/rows.h"
#include "tables/table_reading.h"
#include "training/train_columns.h"

namespace nflow::app {
namespace {

const Index kFewestTrainingRows = 2;  // one row has no deviation

/// Why a row of the chosen columns, whose last are the weights, cannot be trained on; empty where
/// it can.
std::string fault_of(const double* row, Index columns, const TrainData& data) {
  std::string fault = outside_text(data.columns, data.supports, row);
  if (!fault.empty() || data.weights.empty() || row[columns - 1] >= 0) return fault;
  return "the weight in column '" + data.weights +
         "' is negative: " + number_text(row[columns - 1]);
}

RowLayout layout_of(const TrainData& data) {
  return {static_cast<Index>(data.columns.size()), static_cast<Index>(data.context.size()),
          !data.weights.empty()};
}

/// Those columns of all rows: the modelled ones, the context, the weights.
TableRows read_rows(CsvReader& reader, const std::vector<Index>& positions, const TrainData& data,
                    TableReading reading, Rejects& rejects) {
  const std::string& name = reader.name();
  if (ranks() && !reader.size()) {
    throw Error(name +
                ": several processes cannot read one pipe or a compressed file: name a "
                "plain file");
  }
  reader.select(positions);
  if (any_bounded(data.supports) || !data.weights.empty()) {
    const auto columns = static_cast<Index>(positions.size());
    reader.set_check([&data, columns](const double* row) { return fault_of(row, columns, data); });
  }
  reading.layout = layout_of(data);
  reading.ranks = ranks();
  ReadingProgress progress;
  reading.progress = [&](std::uint64_t bytes, std::uint64_t of, Index rows) {
    progress(bytes, of, rows);
  };
  TableRows table = read_table(reader, reading);
  rejects.finish();
  if (table.dropped != 0) {
    log_info("{}: left out {} with missing values", name, counted(table.dropped, "row"));
  }
  if (table.count > 0 && table.weightless == table.count) {
    throw Error(name + ": all weights in column '" + data.weights + "' are 0");
  }
  if (table.weightless > 0)
    log_info("{}: left out {} of weight 0", name, counted(table.weightless, "row"));
  if (table.large) log_large_table(name, table, reading.layout);
  return table;
}

/// Those lines, ascending, in the memory that all had: a table may be half of what there is.
RowMatrix only_lines(RowMatrix rows, const std::vector<Index>& lines) {
  Index kept = 0;
  for (const Index line : lines) rows.row(kept++) = rows.row(line);
  rows.conservativeResize(kept, rows.cols());
  return rows;
}

/// All rows but those of weight 0.
std::vector<Index> lines_with_weight(const RowMatrix& rows, const TrainData& data) {
  std::vector<Index> lines(static_cast<std::size_t>(rows.rows()));
  std::iota(lines.begin(), lines.end(), Index{0});
  if (data.weights.empty()) return lines;
  const auto none = [&](Index i) { return rows(i, rows.cols() - 1) == 0; };
  lines.erase(std::remove_if(lines.begin(), lines.end(), none), lines.end());
  return lines;
}

void refuse_constant_columns(const TrainData& data) {
  const std::string where = data.fit.all
                                ? fmt::format("each of {} rows drawn at random", data.fit.x.rows())
                                : "every training row";
  const auto check = [&](const RowMatrix& rows, const std::vector<std::string>& names,
                         const std::string& hint) {
    for (Index j = 0; j < rows.cols(); ++j) {
      if (!stands_still(rows, j)) continue;
      const std::string& name = names[static_cast<std::size_t>(j)];
      const auto column = rows.col(j).array();
      if ((column != rows(0, j)).any()) {
        throw Error(data.name + ": column '" + name + "' goes from " +
                    number_text(column.minCoeff()) + " to " + number_text(column.maxCoeff()) +
                    ", by less than numbers of that size can hold; take an offset from it, or " +
                    hint + name + " leaves it out");
      }
      throw Error(data.name + ": column '" + name + "' is " + number_text(rows(0, j)) + " in " +
                  where + " and has no density; " + hint + name + " leaves it out");
    }
  };
  check(data.fit.x, data.columns, "--exclude ");
  check(data.fit.context, data.context, "a --context without ");
}

/// A narrow direction is modelled at its own scale, like a number, where its circle can be cut.
void cut_circles_open(TrainData& data) {
  for (std::size_t j = 0; j < data.supports.size(); ++j) {
    const Support arc =
        cut_open(data.supports[j], data.fit.x, static_cast<Index>(j), data.fit.weights);
    if (arc.kind == data.supports[j].kind) continue;
    data.supports[j] = arc;
    log_info("{}: column '{}' leaves a side of its circle empty, which is cut open at {}",
             data.name, data.columns[j], number_text(arc.cut));
  }
}

Dataset read_validation_file(const DataOptions& options, const TrainData& data) {
  CsvReader reader(*options.validation_path, options.format);
  warn_of_numeric_header(reader, options.format);
  std::vector<std::string> names = data.columns;
  names.insert(names.end(), data.context.begin(), data.context.end());
  if (!data.weights.empty()) names.push_back(data.weights);
  TableReading whole;
  whole.sizes.most_numbers = std::numeric_limits<Index>::max();
  Rejects rejects({options.rejects.skip, std::nullopt}, reader, options.format.delimiter);
  TableRows table = read_rows(reader, locate_columns(reader, names), data, whole, rejects);
  if (table.count == 0) throw Error(reader.name() + ": no rows to validate with");
  const std::vector<Index> lines = lines_with_weight(table.rows, data);
  return to_dataset(only_lines(std::move(table.rows), lines), layout_of(data));
}

void refuse_too_few_rows(const std::string& name, Index fit, Index validation) {
  if (fit >= kFewestTrainingRows && validation > 0) return;
  throw Error(name + ": too few rows: " + std::to_string(fit + validation) + ", of which " +
              std::to_string(fit) + " to train on, where " + std::to_string(kFewestTrainingRows) +
              " are needed");
}

/// Splits `rows` into those to fit and, unless they come from a file of their own, to validate.
void split_table(RowMatrix rows, const DataOptions& options, TrainData& data) {
  RowSplit lines{lines_with_weight(rows, data), {}};
  if (!options.validation_path) {
    const double fraction = options.validation_fraction.value_or(kDefaultValidationFraction);
    lines = split_rows(lines.fit, fraction, options.seed);
    data.validation = to_dataset(rows(lines.validation, Eigen::all), layout_of(data));
  }
  refuse_too_few_rows(data.name, static_cast<Index>(lines.fit.size()),
                      options.validation_path ? 1 : static_cast<Index>(lines.validation.size()));
  data.fit = to_dataset(only_lines(std::move(rows), lines.fit), layout_of(data));
}

/// The same for a large table.
void split_large(const std::shared_ptr<LargeTable>& table, const DataOptions& options,
                 TrainData& data) {
  const std::optional<double>& own = options.validation_fraction;
  const double fraction = options.validation_path ? 0 : own.value_or(kDefaultValidationFraction);
  LargeSplit parts = split(table, fraction, !own, options.seed);
  if (fraction > 0 && parts.validation.x.rows() == 0) {
    throw Error(data.name + ": --validation-fraction " + number_text(fraction) +
                " leaves no row to validate with");
  }
  data.fit = std::move(parts.fit);
  data.validation = std::move(parts.validation);
  refuse_too_few_rows(data.name, data.fit.rows(), 1);
}

}  // namespace

TrainData read_train_data(const DataOptions& options) {
  CsvReader reader(options.path, options.format);
  warn_of_numeric_header(reader, options.format);
  const ChosenColumns chosen = choose_columns(reader, options);
  TrainData data;
  data.name = reader.name();
  data.columns = names_of(reader, chosen.columns);
  data.context = names_of(reader, chosen.context);
  data.supports = supports_of(options.supports, reader, chosen.columns);
  if (!chosen.weights.empty()) data.weights = names_of(reader, chosen.weights).front();
  TableReading reading;
  reading.batch_size = options.batch_size;
  reading.memory = memory_for_rows(options.memory);
  Rejects rejects(options.rejects, reader, options.format.delimiter);
  TableRows table = read_rows(reader, chosen.positions(), data, reading, rejects);
  if (table.count == 0) throw Error(data.name + ": no rows to train on");
  data.rows = table.count - table.weightless;
  if (table.large) {
    split_large(table.large, options, data);
  } else {
    split_table(std::move(table.rows), options, data);
  }
  if (options.validation_path) data.validation = read_validation_file(options, data);
  refuse_constant_columns(data);
  cut_circles_open(data);
  return data;
}

}  // namespace nflow::app
