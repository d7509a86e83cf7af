#include "train_data.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nflow/error.h"
#include "rows.h"

namespace nflow::app {
namespace {

const Index kFewestTrainingRows = 2;  // one row has no deviation

struct Selection {
  std::vector<Index> columns;
  std::vector<Index> context;
  std::vector<Index> weights;  // one or none

  std::vector<Index> positions() const {
    std::vector<Index> all = columns;
    all.insert(all.end(), context.begin(), context.end());
    all.insert(all.end(), weights.begin(), weights.end());
    return all;
  }
};

bool contains(const std::vector<Index>& list, Index value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

/// The column list of an option; its mistakes begin with the option's name.
std::vector<Index> find_option_columns(const CsvReader& reader, const std::string& option,
                                       const std::string& text) {
  try {
    return find_columns(reader.names(), text);
  } catch (const UsageError& problem) {
    throw UsageError(option + ": " + problem.what() + reader.delimiter_advice());
  }
}

Selection choose_columns(const CsvReader& reader, const DataOptions& options) {
  Selection chosen;
  std::vector<Index> excluded;
  if (options.context) {
    chosen.context = find_option_columns(reader, "--context", *options.context);
  }
  if (options.exclude) {
    excluded = find_option_columns(reader, "--exclude", *options.exclude);
  }
  if (options.weights) {
    chosen.weights = find_option_columns(reader, "--weights", *options.weights);
    if (chosen.weights.size() != 1) throw UsageError("--weights: one column is needed");
  }
  std::vector<Index> candidates(reader.names().size());
  std::iota(candidates.begin(), candidates.end(), Index{0});
  if (options.columns) {
    candidates = find_option_columns(reader, "--columns", *options.columns);
  }
  for (const Index i : chosen.context) {
    const std::string& name = reader.names()[static_cast<std::size_t>(i)];
    if (contains(excluded, i)) {
      throw UsageError("column '" + name + "' is in both --context and --exclude");
    }
    if (options.columns && contains(candidates, i)) {
      throw UsageError("column '" + name + "' is in both --context and --columns");
    }
  }
  for (const Index i : chosen.weights) {
    const std::string& name = reader.names()[static_cast<std::size_t>(i)];
    if (contains(chosen.context, i)) {
      throw UsageError("column '" + name + "' is in both --weights and --context");
    }
    if (options.columns && contains(candidates, i)) {
      throw UsageError("column '" + name + "' is in both --weights and --columns");
    }
  }
  for (const Index i : candidates) {
    if (!contains(excluded, i) && !contains(chosen.context, i) && !contains(chosen.weights, i)) {
      chosen.columns.push_back(i);
    }
  }
  if (chosen.columns.empty()) throw UsageError("no column is left to model");
  return chosen;
}

void refuse_too_many_columns(const CsvReader& reader, const Selection& chosen) {
  const std::size_t count = chosen.columns.size() + chosen.context.size();
  if (count <= kMaxColumns) return;
  throw Error(reader.name() + ": " + std::to_string(count) +
              " columns, where a model has at most " + std::to_string(kMaxColumns) +
              "; --columns or --exclude chooses some");
}

std::vector<std::string> names_of(const CsvReader& reader, const std::vector<Index>& positions) {
  std::vector<std::string> names;
  for (const Index i : positions) {
    const std::string& name = reader.names()[static_cast<std::size_t>(i)];
    if (std::count(reader.names().begin(), reader.names().end(), name) > 1) {
      throw Error(reader.name() + ": two columns are named '" + name + "'");
    }
    names.push_back(name);
  }
  return names;
}

/// Why a row of the chosen columns, whose last are the weights, cannot be trained on; empty where
/// it can.
std::string fault_of(const double* row, Index columns, const TrainData& data) {
  std::string fault = outside_text(data.columns, data.supports, row);
  if (!fault.empty() || data.weights.empty() || row[columns - 1] >= 0) return fault;
  return "the weight in column '" + data.weights +
         "' is negative: " + number_text(row[columns - 1]);
}

/// All rows of the chosen columns: the modelled ones, the context, the weights. Memory grows in
/// steps of a half.
RowMatrix read_rows(CsvReader& reader, const std::vector<Index>& positions, const TrainData& data,
                    Rejects& rejects) {
  const auto columns = static_cast<Index>(positions.size());
  reader.select(positions);
  if (any_bounded(data.supports) || !data.weights.empty()) {
    reader.set_check([&](const double* row) { return fault_of(row, columns, data); });
  }
  RowMatrix rows(0, columns);
  Index count = 0;
  CsvChunk chunk;
  while (reader.read(chunk, kChunkRows)) {
    const Index more = chunk.rows.rows();
    if (count + more > rows.rows()) {
      rows.conservativeResize(std::max(count + more, rows.rows() + rows.rows() / 2), rows.cols());
    }
    rows.middleRows(count, more) = chunk.rows;
    count += more;
  }
  rows.conservativeResize(count, rows.cols());
  rejects.finish();
  if (reader.dropped() != 0) {
    spdlog::info("{}: left out {} rows with missing values", reader.name(), reader.dropped());
  }
  return rows;
}

/// Rows of the file's columns as the trainer takes them.
Dataset split_columns(RowMatrix rows, const TrainData& data) {
  const auto columns = static_cast<Index>(data.columns.size());
  const auto context = static_cast<Index>(data.context.size());
  Dataset part;
  part.context = rows.middleCols(columns, context);
  if (!data.weights.empty()) {
    const auto weights = rows.col(rows.cols() - 1);
    part.weights.assign(weights.begin(), weights.end());
  }
  if (rows.cols() == columns) {
    part.x = std::move(rows);
  } else {
    part.x = rows.leftCols(columns);
  }
  return part;
}

/// Those lines, ascending, in the memory that all had: a table may be half of what there is.
RowMatrix only_lines(RowMatrix rows, const std::vector<Index>& lines) {
  Index kept = 0;
  for (const Index line : lines) rows.row(kept++) = rows.row(line);
  rows.conservativeResize(kept, rows.cols());
  return rows;
}

/// All rows but those of weight 0.
std::vector<Index> lines_with_weight(const RowMatrix& rows, const std::string& name,
                                     const TrainData& data) {
  std::vector<Index> lines(static_cast<std::size_t>(rows.rows()));
  std::iota(lines.begin(), lines.end(), Index{0});
  if (data.weights.empty()) return lines;
  const auto none = [&](Index i) { return rows(i, rows.cols() - 1) == 0; };
  lines.erase(std::remove_if(lines.begin(), lines.end(), none), lines.end());
  if (lines.empty()) throw Error(name + ": all weights in column '" + data.weights + "' are 0");
  const auto left_out = rows.rows() - static_cast<Index>(lines.size());
  if (left_out > 0) spdlog::info("{}: left out {} rows of weight 0", name, left_out);
  return lines;
}

/// A random 64-bit number for row `i` of the table, a function of (seed, i) alone: output i of
/// the generator SplitMix64 (Steele, Lea and Flood, 2014) started from a scrambled seed.
std::uint64_t row_key(std::uint64_t seed, std::uint64_t i) {
  const auto scramble = [](std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  };
  const std::uint64_t golden = 0x9e3779b97f4a7c15u;
  return scramble(scramble(seed + golden) + (i + 1) * golden);
}

/// Moves a random `fraction` of the lines, at least one, from `lines` to the result. Both keep
/// their order.
std::vector<Index> take_validation_lines(std::vector<Index>& lines, double fraction,
                                         std::uint64_t seed) {
  const auto count = static_cast<std::ptrdiff_t>(
      std::max(1.0, std::round(fraction * static_cast<double>(lines.size()))));
  const auto key = [&](Index i) { return row_key(seed, static_cast<std::uint64_t>(i)); };
  std::vector<Index> drawn = lines;
  std::nth_element(drawn.begin(), drawn.begin() + (count - 1), drawn.end(), [&](Index a, Index b) {
    return std::make_pair(key(a), a) < std::make_pair(key(b), b);
  });
  drawn.resize(static_cast<std::size_t>(count));
  std::sort(drawn.begin(), drawn.end());
  std::vector<Index> rest;
  std::set_difference(lines.begin(), lines.end(), drawn.begin(), drawn.end(),
                      std::back_inserter(rest));
  lines = std::move(rest);
  return drawn;
}

void refuse_constant_columns(const TrainData& data) {
  const auto check = [&](const RowMatrix& rows, const std::vector<std::string>& names,
                         const std::string& hint) {
    for (Index j = 0; j < rows.cols(); ++j) {
      if ((rows.col(j).array() != rows(0, j)).any()) continue;
      const std::string& name = names[static_cast<std::size_t>(j)];
      throw Error(data.name + ": column '" + name + "' is " + number_text(rows(0, j)) +
                  " in every training row and has no density; " + hint + name + " leaves it out");
    }
  };
  check(data.fit.x, data.columns, "--exclude ");
  check(data.fit.context, data.context, "a --context without ");
}

Dataset read_validation_file(const DataOptions& options, const TrainData& data) {
  CsvReader reader(*options.validation_path, options.format);
  warn_of_numeric_header(reader, options.format);
  std::vector<std::string> names = data.columns;
  names.insert(names.end(), data.context.begin(), data.context.end());
  if (!data.weights.empty()) names.push_back(data.weights);
  Rejects rejects({options.rejects.skip, std::nullopt}, reader, options.format.delimiter);
  RowMatrix rows = read_rows(reader, locate_columns(reader, names), data, rejects);
  if (rows.rows() == 0) throw Error(reader.name() + ": no rows to validate with");
  const std::vector<Index> lines = lines_with_weight(rows, reader.name(), data);
  return split_columns(only_lines(std::move(rows), lines), data);
}

void refuse_too_few_rows(const std::string& name, Index fit, Index validation) {
  if (fit >= kFewestTrainingRows && validation > 0) return;
  throw Error(name + ": too few rows: " + std::to_string(fit + validation) + ", of which " +
              std::to_string(fit) + " to train on, where " + std::to_string(kFewestTrainingRows) +
              " are needed");
}

}  // namespace

TrainData read_train_data(const DataOptions& options) {
  CsvReader reader(options.path, options.format);
  warn_of_numeric_header(reader, options.format);
  const Selection chosen = choose_columns(reader, options);
  refuse_too_many_columns(reader, chosen);
  TrainData data;
  data.name = reader.name();
  data.columns = names_of(reader, chosen.columns);
  data.context = names_of(reader, chosen.context);
  data.supports = supports_of(options.supports, reader, chosen.columns);
  if (!chosen.weights.empty()) data.weights = names_of(reader, chosen.weights).front();
  Rejects rejects(options.rejects, reader, options.format.delimiter);
  RowMatrix rows = read_rows(reader, chosen.positions(), data, rejects);
  if (rows.rows() == 0) throw Error(data.name + ": no rows to train on");
  std::vector<Index> lines = lines_with_weight(rows, data.name, data);
  data.rows = static_cast<Index>(lines.size());
  if (!options.validation_path) {
    const std::vector<Index> drawn =
        take_validation_lines(lines, options.validation_fraction, options.seed);
    refuse_too_few_rows(data.name, static_cast<Index>(lines.size()),
                        static_cast<Index>(drawn.size()));
    data.validation = split_columns(rows(drawn, Eigen::all), data);
  } else {
    refuse_too_few_rows(data.name, data.rows, 1);
    data.validation = read_validation_file(options, data);
  }
  data.fit = split_columns(only_lines(std::move(rows), lines), data);
  refuse_constant_columns(data);
  return data;
}

}  // namespace nflow::app
