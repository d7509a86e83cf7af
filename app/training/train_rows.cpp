#include "training/train_rows.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>

#include "nflow/defaults.h"
#include "nflow/error.h"
#include "nflow/folds.h"
#include "nflow/printable.h"
#include "processes/processes.h"
#include "report/log.h"
#include "tables/rows.h"
#include "tables/table_reading.h"
#include "training/column_advice.h"

namespace nflow::app {
namespace {

const Index kFewestTrainingRows = 2;  // one row has no deviation

/// Why a row of the chosen columns, whose last are the weights, cannot be trained on; empty where
/// it can.
std::string fault_of(const double* row, const ReaderColumns& columns, const TrainData& data) {
  std::string fault = outside_text(columns.names, columns.supports, row);
  if (!fault.empty() && columns.of_model) {
    fault += "; --on-error skip leaves such rows out, and without --init they are learnt";
  }
  const auto last = columns.positions.size() - 1;
  if (!fault.empty() || data.weights.empty() || row[last] >= 0) return fault;
  return "the weight in column '" + data.weights + "' is negative: " + number_text(row[last]);
}

/// Keeps the given lines, ascending, in the memory of all: a table may take half of the machine.
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

/// Puts each row that is trained on in a fold.
void put_in_folds(const RowMatrix& rows, const RowSplit& lines, const DataOptions& options,
                  TrainData& data) {
  FoldRows& folds = *data.folds;
  folds.lines = lines;
  std::vector<Index> all;
  std::merge(lines.fit.begin(), lines.fit.end(), lines.validation.begin(), lines.validation.end(),
             std::back_inserter(all));
  std::vector<double> groups;
  const Index at = layout_of(data, true).group();
  for (const Index line : all) {
    if (folds.has_groups()) groups.push_back(rows(line, at));
  }
  try {
    folds.fold = folds.has_groups()
                     ? draw_folds(groups, folds.count, options.seed)
                     : draw_folds(static_cast<Index>(all.size()), folds.count, options.seed);
  } catch (const Error& problem) {
    throw Error(data.name + ": " + problem.what());
  }
}

}  // namespace

void refuse_too_few_rows(const std::string& name, Index fit, Index validation) {
  if (fit >= kFewestTrainingRows && validation > 0) return;
  throw Error(name + ": too few rows: " + std::to_string(fit + validation) + ", of which " +
              std::to_string(fit) + " to train on, where " + std::to_string(kFewestTrainingRows) +
              " are needed");
}

void allow_holes(std::vector<Support>& supports, std::size_t count) {
  supports.resize(std::max(supports.size(), count));
  for (std::size_t j = 0; j < count; ++j) supports[j].holes = true;
}

RowLayout layout_of(const TrainData& data, bool with_group) {
  return {static_cast<Index>(data.columns.size()), static_cast<Index>(data.context.size()),
          !data.weights.empty(), with_group && data.folds && data.folds->has_groups()};
}

TableRows read_rows(CsvReader& reader, const ReaderColumns& columns, const TrainData& data,
                    TableReading reading, Rejects& rejects) {
  const std::string& name = reader.name();
  if (ranks() && !reader.size()) {
    throw Error(name + ": several processes cannot read " +
                (reader.files() > 1 ? "several files: name one"
                                    : "one pipe or a compressed file: name a plain file"));
  }
  reader.select(columns.positions);
  reader.set_columns(columns.kinds, columns.labels);
  reader.set_required(required_columns(columns.supports, columns.positions.size()));
  if (any_bounded(columns.supports) || !data.weights.empty()) {
    reader.set_check([&](const double* row) { return fault_of(row, columns, data); });
  }
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

void refuse_no_rows(const TrainData& data, const TableRows& table, const CsvReader& reader) {
  const std::string what = data.name + ": no rows to train on";
  if (table.dropped == 0) throw Error(what);
  std::vector<std::string> names = data.columns, empty;
  names.insert(names.end(), data.context.begin(), data.context.end());
  if (data.folds && data.folds->has_groups()) names.push_back(data.folds->group);
  if (!data.weights.empty()) names.push_back(data.weights);
  bool modelled = true;
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (static_cast<Index>(sum_of_all(reader.gaps()[j])) < table.dropped) continue;
    empty.push_back(names[j]);
    modelled = modelled && j < data.columns.size();
  }
  if (empty.empty()) {
    throw Error(what + ": each has a missing value, and --missing drop leaves it out");
  }
  const bool one = empty.size() == 1;
  throw Error(what + ": " + columns_text(empty) + (one ? " has" : " have") +
              " no value in any of them" +
              (!modelled || empty.size() == data.columns.size()
                   ? ""
                   : "; " + exclude_option(empty) + " leaves " + (one ? "it" : "them") + " out"));
}

void split_table(RowMatrix rows, const DataOptions& options, TrainData& data) {
  RowSplit lines{lines_with_weight(rows, data), {}};
  if (!options.validation_path) {
    const double fraction = options.validation_fraction.value_or(kDefaultValidationFraction);
    lines = split_rows(lines.fit, fraction, options.seed);
    data.validation = to_dataset(rows(lines.validation, Eigen::all), layout_of(data, true));
  }
  if (data.folds) put_in_folds(rows, lines, options, data);
  refuse_too_few_rows(data.name, static_cast<Index>(lines.fit.size()),
                      options.validation_path ? 1 : static_cast<Index>(lines.validation.size()));
  data.fit = to_dataset(only_lines(std::move(rows), lines.fit), layout_of(data, true));
}

void split_large(const std::shared_ptr<LargeTable>& table, const DataOptions& options,
                 TrainData& data) {
  if (data.folds) {
    throw Error(
        data.name +
        ": --folds is for tables that a process holds as numbers, and this one is large (see "
        "LARGE TABLES in the manual of train); a part of its rows has folds");
  }
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

Dataset read_validation_file(const DataOptions& options, const TrainData& data,
                             std::vector<Labels> labels) {
  const RowLayout table_layout = layout_of(data, true);
  if (table_layout.grouped) labels.erase(labels.begin() + table_layout.group());
  std::vector<std::string> names = data.columns;
  names.insert(names.end(), data.context.begin(), data.context.end());
  if (!data.weights.empty()) names.push_back(data.weights);
  CsvFormat format = options.format;
  format.like = CsvLike{data.manner, names};
  CsvReader reader(*options.validation_path, format);
  warn_of_numeric_header(reader, format);
  TableReading whole;
  whole.layout = layout_of(data, false);
  whole.sizes.most_numbers = std::numeric_limits<Index>::max();
  Rejects rejects({options.rejects.skip, std::nullopt}, reader, written_delimiter(reader));
  std::vector<Support> supports = options.init ? read_supports(*options.init) : data.supports;
  for (std::size_t j = 0; j < data.context.size() && !options.init; ++j) {
    // Labels that the table has not are found when all are fitted.
    supports.push_back(labels[supports.size()].texts().empty() ? Support()
                                                               : parse_support("CATEGORY"));
    supports.back().holes = options.infer;
  }
  if (options.holes_at_random) allow_holes(supports, data.columns.size());
  const ReaderColumns columns{locate_columns(reader, names),       names,  supports,
                              csv_columns(supports, names.size()), labels, options.init != nullptr};
  TableRows table = read_rows(reader, columns, data, whole, rejects);
  if (table.count == 0) throw Error(reader.name() + ": no rows to validate with");
  const std::vector<Index> lines = lines_with_weight(table.rows, data);
  return to_dataset(only_lines(std::move(table.rows), lines), layout_of(data, false));
}

}  // namespace nflow::app
