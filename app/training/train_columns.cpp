#include "training/train_columns.h"

#include <algorithm>
#include <numeric>

#include "nflow/error.h"
#include "nflow/printable.h"
#include "tables/csv_help.h"

namespace nflow::app {
namespace {

/// A set of a table's columns, which may be a million.
class ColumnSet {
 public:
  ColumnSet(const CsvReader& reader, const std::vector<Index>& columns)
      : inside_(reader.names().size()) {
    for (const Index i : columns) inside_[static_cast<std::size_t>(i)] = true;
  }
  bool contains(Index i) const { return inside_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<bool> inside_;
};

/// The column list of an option; its mistakes begin with the option's name.
std::vector<Index> find_option_columns(const CsvReader& reader, const std::string& option,
                                       const std::string& text) {
  try {
    return find_columns(reader.names(), text);
  } catch (const UsageError& problem) {
    throw UsageError(option + ": " + problem.what() + first_line_words(reader));
  }
}

/// The one column of an option; none where it is absent.
std::vector<Index> find_one(const CsvReader& reader, const std::string& option,
                            const std::optional<std::string>& text) {
  if (!text) return {};
  std::vector<Index> found = find_option_columns(reader, option, *text);
  if (found.size() != 1) throw UsageError(option + ": one column is needed");
  return found;
}

struct Use {
  std::string option;
  const std::vector<Index>& columns;
};

/// No column is for one use and for others too.
void refuse_shared(const CsvReader& reader, const Use& one, const std::vector<Use>& others) {
  for (const Use& other : others) {
    const ColumnSet used(reader, other.columns);
    for (const Index i : one.columns) {
      if (!used.contains(i)) continue;
      throw UsageError("column '" + reader.names()[static_cast<std::size_t>(i)] + "' is in both " +
                       one.option + " and " + other.option);
    }
  }
}

void refuse_too_many_columns(const CsvReader& reader, const ChosenColumns& chosen) {
  const std::size_t count = chosen.columns.size() + chosen.context.size();
  if (count <= kMaxColumns) return;
  throw Error(reader.name() + ": " + std::to_string(count) +
              " columns, where a model has at most " + std::to_string(kMaxColumns) +
              "; --columns or --exclude chooses some");
}

/// Columns that are left out may be named alike.
void refuse_equal_names(const CsvReader& reader, const ChosenColumns& chosen) {
  std::vector<Index> positions = chosen.positions();
  std::sort(positions.begin(), positions.end());  // a column may be context and group
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  const std::vector<std::string> names = names_of(reader, positions);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto before = std::find(names.begin(), names.end(), names[i]) - names.begin();
    if (before == static_cast<std::ptrdiff_t>(i)) continue;
    throw Error(reader.name() + ": " +
                both_named(positions[i], positions[static_cast<std::size_t>(before)], names[i]) +
                "; --columns or --exclude chooses by number");
  }
}

/// A model keeps them as JSON does, and what is made of it shows them on terminals.
void refuse_odd_names(const CsvReader& reader, const ChosenColumns& chosen) {
  for (const Index place : chosen.positions()) {
    const std::string& name = reader.names()[static_cast<std::size_t>(place)];
    if (!has_controls(name)) continue;
    throw Error(reader.name() + ": the name of column " + std::to_string(place + 1) + ", '" +
                printable(name) + "', has a control character; rename it, or --exclude " +
                std::to_string(place + 1) + " leaves it out");
  }
}

}  // namespace

std::vector<Index> ChosenColumns::positions() const {
  std::vector<Index> all = columns;
  all.insert(all.end(), context.begin(), context.end());
  all.insert(all.end(), group.begin(), group.end());
  all.insert(all.end(), weights.begin(), weights.end());
  return all;
}

ChosenColumns choose_columns(const CsvReader& reader, const DataOptions& options) {
  ChosenColumns chosen;
  std::vector<Index> excluded;
  if (options.context) {
    chosen.context = find_option_columns(reader, "--context", *options.context);
  }
  if (options.exclude) {
    excluded = find_option_columns(reader, "--exclude", *options.exclude);
  }
  chosen.weights = find_one(reader, "--weights", options.weights);
  chosen.group = find_one(reader, "--group", options.group);
  std::vector<Index> candidates(reader.names().size());
  std::iota(candidates.begin(), candidates.end(), Index{0});
  if (options.columns) {
    candidates = find_option_columns(reader, "--columns", *options.columns);
  }
  const std::vector<Index> named = options.columns ? candidates : std::vector<Index>{};
  refuse_shared(reader, {"--context", chosen.context},
                {{"--exclude", excluded}, {"--columns", named}});
  refuse_shared(reader, {"--weights", chosen.weights},
                {{"--context", chosen.context}, {"--columns", named}});
  refuse_shared(reader, {"--group", chosen.group},
                {{"--weights", chosen.weights}, {"--columns", named}});
  std::vector<Index> others = excluded;
  for (const auto* list : {&chosen.context, &chosen.group, &chosen.weights}) {
    others.insert(others.end(), list->begin(), list->end());
  }
  const ColumnSet used(reader, others);
  for (const Index i : candidates) {
    if (!used.contains(i)) chosen.columns.push_back(i);
  }
  if (chosen.columns.empty()) throw UsageError("no column is left to model");
  refuse_too_many_columns(reader, chosen);
  refuse_equal_names(reader, chosen);
  refuse_odd_names(reader, chosen);
  return chosen;
}

ChosenColumns choose_others(const CsvReader& reader, const DataOptions& options,
                            const std::vector<Index>& taken) {
  ChosenColumns chosen;
  chosen.weights = find_one(reader, "--weights", options.weights);
  chosen.group = find_one(reader, "--group", options.group);
  refuse_shared(reader, {"--weights", chosen.weights}, {{"the model of --init", taken}});
  refuse_shared(reader, {"--group", chosen.group}, {{"--weights", chosen.weights}});
  return chosen;
}

std::vector<std::string> names_of(const CsvReader& reader, const std::vector<Index>& positions) {
  std::vector<std::string> names;
  names.reserve(positions.size());
  for (const Index i : positions) names.push_back(reader.names()[static_cast<std::size_t>(i)]);
  return names;
}

}  // namespace nflow::app
