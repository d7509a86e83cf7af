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
#include "processes/processes.h"
#include "processes/world.h"
#include "report/log.h"
#include "tables/manner.h"
#include "tables/rows.h"
#include "tables/table_reading.h"
#include "training/column_advice.h"
#include "training/column_hints.h"
#include "training/missing_at_random.h"
#include "training/train_columns.h"
#include "training/train_kinds.h"

namespace nflow::app {
namespace {

const Index kFewestTrainingRows = 2;  // one row has no deviation

/// The columns to read, and how: the modelled ones, the context, the weights.
struct ReaderColumns {
  std::vector<Index> positions;
  std::vector<std::string> names;  ///< of the modelled ones and the context
  std::vector<Support> supports;   ///< of those, as far as they are known
  std::vector<CsvColumn> kinds;
  std::vector<Labels> labels = {};  ///< that are known; none: those that the table has
};

/// Why a row of the chosen columns, whose last are the weights, cannot be trained on; empty where
/// it can.
std::string fault_of(const double* row, const ReaderColumns& columns, const TrainData& data) {
  const std::string fault = outside_text(columns.names, columns.supports, row);
  const auto last = columns.positions.size() - 1;
  if (!fault.empty() || data.weights.empty() || row[last] >= 0) return fault;
  return "the weight in column '" + data.weights + "' is negative: " + number_text(row[last]);
}

RowLayout layout_of(const TrainData& data) {
  return {static_cast<Index>(data.columns.size()), static_cast<Index>(data.context.size()),
          !data.weights.empty()};
}

/// While rows are read, any of the first `count` columns may have holes.
void allow_holes(std::vector<Support>& supports, std::size_t count) {
  supports.resize(std::max(supports.size(), count));
  for (std::size_t j = 0; j < count; ++j) supports[j].holes = true;
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

/// Where all rows were left out for missing values, names the columns that they are missing in.
[[noreturn]] void refuse_no_rows(const TrainData& data, const TableRows& table,
                                 const CsvReader& reader) {
  const std::string what = data.name + ": no rows to train on";
  if (table.dropped == 0) throw Error(what);
  std::vector<std::string> names = data.columns, empty;
  names.insert(names.end(), data.context.begin(), data.context.end());
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

/// Told one by one, they would take a run each. Advice that leaves no column is none.
void refuse_several_constant(const TrainData& data, const RowMatrix& rows,
                             const std::vector<std::string>& names,
                             const std::vector<bool>& numbers, bool is_context,
                             const std::string& where) {
  std::vector<std::string> still;
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (numbers[j] && stands_still(rows, static_cast<Index>(j))) still.push_back(names[j]);
  }
  const bool all = !is_context && still.size() == names.size();
  if (still.size() < 2 && !(all && !still.empty())) return;
  const std::string what = data.name + ": " + columns_text(still) +
                           (still.size() == 1 ? " is" : " are") + " constant in " + where;
  if (all) throw Error(what + ": there is no other column to model");
  throw Error(
      what + " and " + (still.size() == 1 ? "has" : "have") + " no density; " +
      (is_context ? "a --context without " + list_of_columns(still) : exclude_option(still)) +
      " leaves them out");
}

void refuse_constant_columns(const TrainData& data) {
  const std::string where = data.fit.all
                                ? fmt::format("each of {} rows drawn at random", data.fit.x.rows())
                                : "every training row";
  const auto check = [&](const RowMatrix& rows, const std::vector<std::string>& names,
                         const std::vector<bool>& numbers, bool is_context) {
    refuse_several_constant(data, rows, names, numbers, is_context, where);
    const std::string hint = is_context ? "a --context without " : "--exclude ";
    for (Index j = 0; j < rows.cols(); ++j) {
      if (!numbers[static_cast<std::size_t>(j)] || !stands_still(rows, j)) continue;
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
  std::vector<bool> numbers, of_context;
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    numbers.push_back(!support_at(data.supports, j).is_cut());
  }
  check(data.fit.x, data.columns, numbers, false);
  for (std::size_t j = 0; j < data.context.size(); ++j) {
    const ContextKind kind = context_kind_at(data.context_kinds, j);
    of_context.resize(of_context.size() + static_cast<std::size_t>(kind.features()), false);
    if (kind.is_plain()) of_context.back() = true;
  }
  check(data.fit.context, feature_names(data.context, data.context_kinds), of_context, true);
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

Dataset read_validation_file(const DataOptions& options, const TrainData& data,
                             const std::vector<Labels>& labels) {
  CsvReader reader(*options.validation_path, options.format);
  warn_of_numeric_header(reader, options.format);
  std::vector<std::string> names = data.columns;
  names.insert(names.end(), data.context.begin(), data.context.end());
  if (!data.weights.empty()) names.push_back(data.weights);
  TableReading whole;
  whole.sizes.most_numbers = std::numeric_limits<Index>::max();
  Rejects rejects({options.rejects.skip, std::nullopt}, reader, written_delimiter(reader));
  std::vector<Support> supports = data.supports;
  for (std::size_t j = 0; j < data.context.size(); ++j) {
    // Labels that the table has not are found when all are fitted.
    supports.push_back(labels[supports.size()].texts().empty() ? Support()
                                                               : parse_support("CATEGORY"));
    supports.back().holes = options.infer;
  }
  if (options.holes_at_random) allow_holes(supports, data.columns.size());
  const ReaderColumns columns{locate_columns(reader, names), names, supports,
                              csv_columns(supports, names.size()), labels};
  TableRows table = read_rows(reader, columns, data, whole, rejects);
  if (table.count == 0) throw Error(reader.name() + ": no rows to validate with");
  const std::vector<Index> lines = lines_with_weight(table.rows, data);
  return to_dataset(only_lines(std::move(table.rows), lines), layout_of(data));
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

bool may_have_holes(const Support& support) {
  return support.kind != Support::Kind::circular && support.kind != Support::Kind::arc;
}

/// While the table is read, a column that nobody has spoken of may hold anything, and others holes.
void allow_anything(std::vector<Support>& supports, const std::vector<bool>& given) {
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (!given[j]) supports[j] = parse_support("CATEGORY+{missing}");
    if (may_have_holes(supports[j])) supports[j].holes = true;
  }
}

/// Columns whose kind was given have holes where the rows have.
void find_holes(std::vector<Support>& supports, const RowMatrix& rows,
                const std::vector<bool>& given) {
  for (std::size_t j = 0; j < supports.size(); ++j) {
    const auto column = rows.col(static_cast<Index>(j));
    if (!given[j] || supports[j].holes || !may_have_holes(supports[j])) continue;
    supports[j].holes =
        std::any_of(column.begin(), column.end(), [](double x) { return is_hole(x); });
    if (supports[j].holes && supports[j].kind == Support::Kind::integer) {
      supports[j].kind = Support::Kind::grid;
      supports[j].step = 1;
    }
  }
}

/// What --na says is missing is so in tables like this one, which the model will read.
void remember_marks(TrainData& data, const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    if (std::find(data.marks.begin(), data.marks.end(), token) == data.marks.end()) {
      data.marks.push_back(token);
    }
  }
}

/// What the columns of a large table are, by the sample of its rows.
void infer_large(TrainData& data, std::vector<Labels>& labels, const std::vector<bool>& given) {
  RowMatrix sample(data.fit.x.rows(), data.fit.x.cols() + data.fit.context.cols());
  sample << data.fit.x, data.fit.context;
  infer_kinds(data, sample, labels, given, true);
  if (!data.marks.empty()) {
    throw Error(data.name +
                ": a large table's marks for missing must be known before it is read: "
                "--na '" +
                joined(data.marks, ",") + "'");
  }
  if (data.left_out.empty()) return;
  std::vector<std::string> names;
  for (const LeftOut& column : data.left_out) names.push_back(column.column);
  throw Error(data.name +
              ": columns of a large table cannot be left out once it is read; "
              "--exclude '" +
              joined(names, ",") + "' leaves them out before");
}

/// Which context columns are CATEGORY by the options; nothing else can be said of them.
std::vector<bool> context_categories(const TrainData& data, const std::vector<Support>& supports) {
  std::vector<bool> categories;
  for (std::size_t j = data.columns.size(); j < supports.size(); ++j) {
    const Support::Kind kind = supports[j].kind;
    categories.push_back(kind == Support::Kind::category);
    if (categories.back() || kind == Support::Kind::real) continue;
    throw UsageError("--support: column '" + data.context[j - data.columns.size()] +
                     "' is context, which is CATEGORY or numbers as they are");
  }
  return categories;
}

}  // namespace

void refuse_too_few_rows(const std::string& name, Index fit, Index validation) {
  if (fit >= kFewestTrainingRows && validation > 0) return;
  throw Error(name + ": too few rows: " + std::to_string(fit + validation) + ", of which " +
              std::to_string(fit) + " to train on, where " + std::to_string(kFewestTrainingRows) +
              " are needed");
}

TrainData read_train_data(const DataOptions& options) {
  CsvReader reader(options.paths, options.format);
  warn_of_numeric_header(reader, options.format);
  const ChosenColumns chosen = choose_columns(reader, options);
  TrainData data;
  data.name = reader.name();
  data.columns = names_of(reader, chosen.columns);
  data.context = names_of(reader, chosen.context);
  std::vector<Index> described = chosen.columns;
  described.insert(described.end(), chosen.context.begin(), chosen.context.end());
  std::vector<bool> given;
  std::vector<Support> supports = supports_of(options.supports, reader, described, given);
  ReaderColumns columns{chosen.positions(), names_of(reader, described), supports, {}};
  if (options.infer) allow_anything(columns.supports, given);
  if (options.holes_at_random) allow_holes(columns.supports, data.columns.size());
  columns.kinds = reader_columns(supports, given, columns.positions.size(), options.infer);
  const std::vector<bool> categories = context_categories(data, supports);
  given.resize(data.columns.size());
  supports.resize(data.columns.size());
  data.supports = supports;
  if (options.holes_at_random) refuse_holes_as_values(data);
  data.inferred = options.infer && std::find(given.begin(), given.end(), false) != given.end();
  std::vector<std::string> given_names;
  for (std::size_t j = 0; j < given.size(); ++j) {
    if (given[j]) given_names.push_back(data.columns[j]);
  }
  if (!chosen.weights.empty()) data.weights = names_of(reader, chosen.weights).front();
  TableReading reading;
  reading.batch_size = options.batch_size;
  reading.memory = memory_for_rows(options.memory);
  Rejects rejects(options.rejects, reader, written_delimiter(reader));
  TableRows table = read_rows(reader, columns, data, reading, rejects);
  tell_of_manner(reader);
  if (table.count == 0) refuse_no_rows(data, table, reader);
  data.rows = table.count - table.weightless;
  if (table.large) {
    if (options.holes_at_random) {
      throw Error(data.name + ": --missing fit holds all rows in memory, and --memory allows less");
    }
    split_large(table.large, options, data);
    find_holes(data.supports, data.fit.x, given);
    if (options.infer) infer_large(data, table.labels, given);
  } else {
    if (!options.holes_at_random) find_holes(data.supports, table.rows, given);
    if (options.infer) infer_kinds(data, table.rows, table.labels, given, !options.holes_at_random);
    split_table(std::move(table.rows), options, data);
  }
  if (options.holes_at_random) take_no_holes_for_values(data);
  if (options.validation_path) data.validation = read_validation_file(options, data, table.labels);
  fit_context(data, table.labels, categories);
  if (options.holes_at_random) fill_at_random(data, options);
  refuse_constant_columns(data);
  cut_circles_open(data);
  if (options.infer && !table.large) leave_out_dependent(data, table.labels, given_names);
  remember_marks(data, options.format.na_tokens);
  warn_of_codes(data);
  fit_kinds(data, table.labels, options.seed, options.threads);
  return data;
}

}  // namespace nflow::app
