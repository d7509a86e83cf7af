#include "tables/rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/name_index.h"
#include "nflow/printable.h"
#include "report/log.h"
#include "tables/column_supports.h"
#include "tables/csv_help.h"

namespace nflow::app {
namespace {

using Names = std::vector<std::string>;

const std::size_t kNamesShown = 20;  // of a long header in a message

std::string columns_text(std::size_t count) {
  return counted(static_cast<std::int64_t>(count), "column");
}

/// Old models keep the blanks around names that stood in quotes, and the # before a header.
std::string bare_name(const std::string& name) {
  const std::size_t first = name.find_first_not_of("# \t");
  if (first == name.npos) return "";
  return name.substr(first, name.find_last_not_of(" \t") + 1 - first);
}

Index find_named(const CsvReader& reader, NameIndex& index, const std::string& name) {
  NameIndex::Place place = index.find(name);
  if (place.first < 0) place = index.find(bare_name(name));
  if (place.first < 0) {
    throw Error(reader.name() + ": no column '" + name + "', which the model needs; the file has " +
                listed(reader.names(), kNamesShown) + first_line_words(reader));
  }
  if (place.second >= 0) {
    throw Error(reader.name() + ": " + both_named(place.first, place.second, name) +
                ", which the model needs");
  }
  return place.first;
}

/// The 0-based position that a name such as x3 gives; -1 for other names.
Index position_in_name(const std::string& name) {
  Index number = 0;
  const char* end = name.data() + name.size();
  if (name.size() < 2 || name[0] != 'x' || name[1] == '0') return -1;
  const auto [stop, problem] = std::from_chars(name.data() + 1, end, number);
  return problem == std::errc() && stop == end && number > 0 ? number - 1 : -1;
}

bool holds_all(const Names& names, const Names& wanted) {
  NameIndex index(names);
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const std::string& name) { return index.find(name).first >= 0; });
}

std::vector<Index> positions_in_names(const Names& names) {
  std::vector<Index> positions;
  for (const std::string& name : names) positions.push_back(position_in_name(name));
  return positions;
}

}  // namespace

Names with_context(Names names, const Model& model) {
  names.insert(names.end(), model.context.begin(), model.context.end());
  return names;
}

std::vector<Index> locate_columns(const CsvReader& reader, const Names& names) {
  std::vector<Index> positions;
  if (reader.has_header()) {
    NameIndex index(reader.names());
    for (const std::string& name : names) positions.push_back(find_named(reader, index, name));
    return positions;
  }
  const auto present = static_cast<Index>(reader.names().size());
  positions = positions_in_names(names);
  const bool all_say = std::find(positions.begin(), positions.end(), -1) == positions.end();
  if (all_say && *std::max_element(positions.begin(), positions.end()) < present) return positions;
  if (names.size() != reader.names().size()) {
    throw Error(reader.name() + ": " + columns_text(reader.names().size()) +
                " and no header, where the model needs " + columns_text(names.size()) + ": " +
                listed(names, kNamesShown) + first_line_words(reader));
  }
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

void understand_model(const Model& model, CsvFormat& format) {
  format.na_tokens.insert(format.na_tokens.end(), model.marks.begin(), model.marks.end());
  const auto has_holes = [](const auto& column) { return column.holes; };
  if (std::any_of(model.supports.begin(), model.supports.end(), has_holes) ||
      std::any_of(model.context_kinds.begin(), model.context_kinds.end(), has_holes)) {
    format.missing = CsvFormat::Missing::keep;
  }
}

std::vector<Support> read_supports(const Model& model) {
  std::vector<Support> supports = model.supports;
  supports.resize(model.columns.size());
  const std::vector<Support> context = context_supports(model.context_kinds, model.context.size());
  supports.insert(supports.end(), context.begin(), context.end());
  return supports;
}

std::vector<Labels> known_labels(const std::vector<Support>& supports) {
  std::vector<Labels> labels(supports.size());
  for (std::size_t j = 0; j < supports.size(); ++j) {
    if (supports[j].kind != Support::Kind::category) continue;
    labels[j] = Labels(supports[j].cells->data().levels);
  }
  return labels;
}

void select_kinds(const std::vector<Support>& supports, CsvReader& reader) {
  reader.set_columns(csv_columns(supports, supports.size()), known_labels(supports));
  reader.set_required(required_columns(supports, supports.size()));
}

RowCheck context_check(const Model& model, Index at) {
  if (model.context_kinds.empty()) return {};
  return [names = model.context, at,
          supports = context_supports(model.context_kinds, model.context.size())](
             const double* row) { return outside_text(names, supports, row + at); };
}

void append_value_of(std::string& out, const Cells* cells, double value, char delimiter,
                     char decimal) {
  static const std::vector<std::string> none;
  append_value(out, value, cells ? cells->data().levels : none, delimiter, decimal);
}

void append_context(std::string& out, const Model& model, const double* values, char delimiter,
                    char decimal) {
  for (std::size_t j = 0; j < model.context.size(); ++j) {
    const ContextKind kind = context_kind_at(model.context_kinds, j);
    if (j != 0) out += delimiter;
    append_value_of(out, kind.labels.get(), values[j], delimiter, decimal);
  }
}

void append_row(std::string& out, const Model& model, const double* values, char delimiter,
                char decimal) {
  for (std::size_t j = 0; j < model.columns.size(); ++j) {
    const Support support = support_at(model.supports, j);
    if (j != 0) out += delimiter;
    append_value_of(out, support.cells.get(), values[j], delimiter, decimal);
  }
}

bool is_complete(const Model& model, const double* values) {
  for (std::size_t j = 0; j < model.columns.size(); ++j) {
    const double x = values[j];
    if (!std::isfinite(x) && !is_label(x) && !support_at(model.supports, j).holes) return false;
  }
  return true;
}

char written_delimiter(const CsvReader& reader) {
  const char own = reader.format().delimiter;
  return own == kBlanks ? ' ' : own;
}

void warn_of_numeric_header(const CsvReader& reader, const CsvFormat& format) {
  if (!reader.has_header() || format.header != CsvFormat::Header::automatic) return;
  const auto is_number = [](const std::string& text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    return problem == std::errc() && stop == end;
  };
  const Names& names = reader.names();
  if (format.like && holds_all(names, format.like->names)) return;
  const auto numbers = std::count_if(names.begin(), names.end(), is_number);
  if (numbers == 0 || 2 * numbers < static_cast<std::ptrdiff_t>(names.size())) return;
  log_warning(
      "{}: the first line is taken for a header, though {} of its {} fields are numbers; "
      "'--header no' makes it data",
      reader.name(), numbers, names.size());
}

void append_names(std::string& out, const Names& names, char delimiter) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += delimiter;
    append_field(out, names[i], delimiter);
  }
}

void append_numbers(std::string& out, const double* values, Index count, char delimiter,
                    char decimal) {
  for (Index j = 0; j < count; ++j) {
    if (j != 0) out += delimiter;
    append_number(out, values[j], delimiter, decimal);
  }
}

}  // namespace nflow::app
