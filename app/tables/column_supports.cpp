#include "tables/column_supports.h"

#include <algorithm>

#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/name_index.h"
#include "nflow/partial.h"

namespace nflow::app {

std::vector<SupportOption> parse_support_options(const std::vector<std::string>& texts,
                                                 const std::string& spelling) {
  std::vector<SupportOption> options;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');  // a column's name may have one too
    if (equals == text.npos || equals == 0) {
      throw UsageError(spelling + ": '" + text + "' is not COLUMN=SUPPORT, such as fare=POSITIVE");
    }
    try {
      options.push_back({text.substr(0, equals), parse_support(text.substr(equals + 1))});
    } catch (const UsageError& problem) {
      throw UsageError(spelling + ": " + problem.what());
    }
  }
  return options;
}

std::vector<Support> supports_of(const std::vector<SupportOption>& options, const CsvReader& reader,
                                 const std::vector<Index>& positions, std::vector<bool>& given) {
  std::vector<Support> supports(positions.size());
  given.assign(positions.size(), false);
  NameIndex names(reader.names());
  for (const SupportOption& option : options) {
    std::vector<Index> named;
    try {
      named = find_columns(names, option.columns);
    } catch (const UsageError& problem) {
      throw UsageError(std::string("--support: ") + problem.what());
    }
    for (const Index i : named) {
      const std::string& name = reader.names()[static_cast<std::size_t>(i)];
      const auto found = std::find(positions.begin(), positions.end(), i);
      const auto place = static_cast<std::size_t>(found - positions.begin());
      if (found == positions.end()) {
        throw UsageError("--support: column '" + name + "' is neither modelled nor context");
      }
      if (given[place]) throw UsageError("--support: column '" + name + "' is given twice");
      given[place] = true;
      supports[place] = option.support;
    }
  }
  return supports;
}

std::vector<CsvColumn> csv_columns(const std::vector<Support>& supports, std::size_t all) {
  std::vector<CsvColumn> columns(all, CsvColumn::number);
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (supports[j].kind == Support::Kind::category) columns[j] = CsvColumn::text;
  }
  return columns;
}

std::vector<bool> required_columns(const std::vector<Support>& supports, std::size_t all) {
  std::vector<bool> required(all, true);
  for (std::size_t j = 0; j < supports.size(); ++j) required[j] = !supports[j].holes;
  return required;
}

std::vector<Support> context_supports(const std::vector<ContextKind>& kinds, std::size_t columns) {
  std::vector<Support> supports(columns);
  for (std::size_t j = 0; j < kinds.size(); ++j) {
    supports[j].holes = kinds[j].holes;
    supports[j].cells = kinds[j].labels;
    if (kinds[j].labels) supports[j].kind = Support::Kind::category;
  }
  return supports;
}

Index first_outside(const std::vector<Support>& supports, const double* row) {
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (!is_unknown(row[j]) && !supports[j].contains(row[j])) return static_cast<Index>(j);
  }
  return -1;
}

std::string outside_text(const std::vector<std::string>& columns,
                         const std::vector<Support>& supports, const double* row) {
  const Index j = first_outside(supports, row);
  if (j < 0) return "";
  const auto place = static_cast<std::size_t>(j);
  Support support = supports[place];
  if (!support.cells) support.holes = false;  // these are found once all rows are read
  const std::string value = is_label(row[j])  ? "a label that the model does not have"
                            : is_hole(row[j]) ? "missing"
                                              : number_text(row[j]);
  return "column '" + columns[place] + "' is " + value + ", outside its support " +
         to_text(support);
}

}  // namespace nflow::app
