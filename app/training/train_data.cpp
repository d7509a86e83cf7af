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
#include "nflow/windings.h"
#include "processes/processes.h"
#include "processes/world.h"
#include "report/log.h"
#include "tables/manner.h"
#include "tables/rows.h"
#include "tables/table_reading.h"
#include "training/column_advice.h"
#include "training/column_hints.h"
#include "training/constant_columns.h"
#include "training/missing_at_random.h"
#include "training/train_columns.h"
#include "training/train_kinds.h"
#include "training/train_rows.h"

namespace nflow::app {
namespace {

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

/// An angle that follows others is modelled by what is left of it.
void unwind_circles(TrainData& data) {
  const std::vector<Support> chosen =
      choose_drifts(data.fit, choose_windings(data.fit, data.supports));
  for (std::size_t j = 0; j < chosen.size(); ++j) {
    const std::string text = to_text(chosen[j]);
    if (text == to_text(data.supports[j])) continue;
    log_info("{}: column '{}' {}: {}", data.name, data.columns[j],
             chosen[j].waves > 0 ? "stands where others say" : "goes round with others", text);
  }
  data.supports = chosen;
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

/// The groups of rows as labels, whatever they look like.
void read_groups(const TrainData& data, std::vector<CsvColumn>& kinds) {
  const RowLayout layout = layout_of(data, true);
  if (layout.grouped) kinds[static_cast<std::size_t>(layout.group())] = CsvColumn::label;
}

/// What is read of the table besides its columns.
void name_others(const CsvReader& reader, const DataOptions& options, const ChosenColumns& chosen,
                 TrainData& data) {
  if (!chosen.weights.empty()) data.weights = names_of(reader, chosen.weights).front();
  if (options.folds == 0) return;
  data.folds = std::make_shared<FoldRows>();
  data.folds->count = options.folds;
  if (!chosen.group.empty()) data.folds->group = names_of(reader, chosen.group).front();
}

TableRows read_rows_of(CsvReader& reader, const DataOptions& options, const ReaderColumns& columns,
                       TrainData& data) {
  TableReading reading;
  reading.layout = layout_of(data, true);
  reading.batch_size = options.batch_size;
  reading.memory = memory_for_rows(options.memory);
  reading.numbered = data.folds != nullptr;
  Rejects rejects(options.rejects, reader, written_delimiter(reader));
  TableRows table = read_rows(reader, columns, data, reading, rejects);
  tell_of_manner(reader);
  data.manner = reader.table_manner();
  if (table.count == 0) refuse_no_rows(data, table, reader);
  data.rows = table.count - table.weightless;
  if (!data.folds) return table;
  data.folds->records = std::move(table.numbers);
  data.folds->all_records = table.records;
  if (data.folds->has_groups() &&
      table.labels[static_cast<std::size_t>(reading.layout.group())].overflowed()) {
    throw Error(data.name + ": column '" + data.folds->group + "' has more groups than " +
                std::to_string(kMostLabels));
  }
  return table;
}

/// The rows of the table whose columns are those of the model of --init.
TrainData read_as_init(const DataOptions& options) {
  const Model& init = *options.init;
  CsvFormat format = options.format;
  understand_model(init, format);
  if (options.format.missing == CsvFormat::Missing::drop) format.missing = options.format.missing;
  CsvReader reader(options.paths, format);
  warn_of_numeric_header(reader, format);
  std::vector<Index> positions = locate_columns(reader, with_context(init.columns, init));
  const ChosenColumns others = choose_others(reader, options, positions);
  for (const auto* list : {&others.group, &others.weights}) {
    positions.insert(positions.end(), list->begin(), list->end());
  }
  TrainData data;
  data.name = reader.name();
  data.columns = init.columns;
  data.context = init.context;
  data.context_kinds = init.context_kinds;
  data.supports = init.supports;
  data.cell_net = init.cell_net;
  data.left_out = init.left_out;
  data.marks = init.marks;
  name_others(reader, options, others, data);
  const std::vector<Support> supports = read_supports(init);
  std::vector<Labels> labels = known_labels(supports);
  labels.resize(positions.size());
  ReaderColumns columns{positions, with_context(init.columns, init),
                        supports,  csv_columns(supports, positions.size()),
                        labels,    true};
  read_groups(data, columns.kinds);
  TableRows table = read_rows_of(reader, options, columns, data);
  if (table.large) {
    split_large(table.large, options, data);
  } else {
    split_table(std::move(table.rows), options, data);
  }
  if (options.validation_path) {
    DataOptions own = options;
    own.format = format;
    data.validation = read_validation_file(own, data, labels);
  }
  if (init.context_kinds.empty()) return data;
  data.fit.context = context_features(std::move(data.fit.context), init.context_kinds);
  data.validation.context =
      context_features(std::move(data.validation.context), init.context_kinds);
  return data;
}

TrainData read_as_chosen(const DataOptions& options) {
  CsvReader reader(options.paths, options.format);
  warn_of_numeric_header(reader, options.format);
  const ChosenColumns chosen = choose_columns(reader, options);
  TrainData data;
  data.name = reader.name();
  data.columns = names_of(reader, chosen.columns);
  data.context = names_of(reader, chosen.context);
  name_others(reader, options, chosen, data);
  std::vector<Index> described = chosen.columns;
  described.insert(described.end(), chosen.context.begin(), chosen.context.end());
  std::vector<bool> given;
  std::vector<Support> supports = supports_of(options.supports, reader, described, given);
  ReaderColumns columns{chosen.positions(), names_of(reader, described), supports, {}};
  if (options.infer) allow_anything(columns.supports, given);
  if (options.holes_at_random) allow_holes(columns.supports, data.columns.size());
  columns.kinds = reader_columns(supports, given, columns.positions.size(), options.infer);
  read_groups(data, columns.kinds);
  const std::vector<bool> categories = context_categories(data, supports);
  given.resize(data.columns.size());
  supports.resize(data.columns.size());
  data.supports = supports;
  if (options.holes_at_random) refuse_holes_as_values(data);
  data.inferred = options.infer && std::find(given.begin(), given.end(), false) != given.end();
  for (std::size_t j = 0; j < given.size(); ++j) {
    if (given[j]) data.given.push_back(data.columns[j]);
  }
  TableRows table = read_rows_of(reader, options, columns, data);
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
  unwind_circles(data);
  if (options.infer && !table.large) leave_out_dependent(data, table.labels);
  remember_marks(data, options.format.na_tokens);
  warn_of_codes(data);
  if (data.folds) {
    data.folds->supports = data.supports;
    data.folds->labels = table.labels;
  }
  fit_kinds(data, table.labels, options.seed, options.threads);
  tell_scales(data);
  return data;
}

}  // namespace

TrainData read_train_data(const DataOptions& options) {
  return options.init ? read_as_init(options) : read_as_chosen(options);
}

}  // namespace nflow::app
