#include <algorithm>
#include <charconv>

#include "io/csv_fields.h"
#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/name_index.h"
#include "nflow/nearest.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Names = std::vector<std::string>;

/// Is `text` a run of digits? A value too large to hold becomes 0, which is no column either.
bool parse_index(std::string_view text, Index& value) {
  const bool digits =
      !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return false;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) value = 0;
  return true;
}

Index count(const Names& names) { return static_cast<Index>(names.size()); }

/// 0-based position of the column that the user counts as `index`.
Index position_of(const Names& names, Index index, std::string_view text) {
  if (index >= 1 && index <= count(names)) return index - 1;
  const std::string columns =
      names.size() == 1 ? "is 1 column" : "are " + std::to_string(names.size()) + " columns";
  throw UsageError("no column " + printable(text) + ": there " + columns);
}

/// Appends the columns from one name to another, such as 2019-2020 where these are names; false
/// where `entry` does not say so.
bool append_named_range(NameIndex& index, std::string_view entry, std::vector<Index>& columns) {
  for (std::size_t dash = entry.find('-'); dash != entry.npos; dash = entry.find('-', dash + 1)) {
    const NameIndex::Place first = index.find(trim(entry.substr(0, dash)));
    const NameIndex::Place last = index.find(trim(entry.substr(dash + 1)));
    if (first.first < 0 || last.first < 0 || first.second >= 0 || last.second >= 0) continue;
    if (first.first > last.first) {
      throw UsageError("the range of columns " + printable(entry) + " is backwards");
    }
    for (Index i = first.first; i <= last.first; ++i) columns.push_back(i);
    return true;
  }
  return false;
}

/// Appends the columns of a range of indices such as 2-5; false where `entry` is none.
bool append_range(const Names& names, std::string_view entry, std::vector<Index>& columns) {
  const std::size_t dash = entry.find('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view first_text = entry.substr(0, dash);
  const std::string_view last_text = entry.substr(dash + 1);
  Index first = 0;
  Index last = 0;
  if (!parse_index(first_text, first) || !parse_index(last_text, last)) return false;
  first = position_of(names, first, first_text);
  last = position_of(names, last, last_text);
  if (first > last) throw UsageError("the range of columns " + printable(entry) + " is backwards");
  for (Index i = first; i <= last; ++i) columns.push_back(i);
  return true;
}

/// For a name that is not there, but begins one that a comma has parted.
std::string quotes_advice(const Names& names, std::string_view entry) {
  for (const std::string& name : names) {
    if (name.find(',') == name.npos || name.compare(0, entry.size(), entry) != 0) continue;
    return "; a name with a comma stands in double quotes: '\"" + printable(name) + "\"'";
  }
  return "";
}

/// The place, where there is one.
Index only_place(const Names& names, const NameIndex::Place& place, std::string_view name) {
  if (place.first < 0) {
    const std::string quotes = quotes_advice(names, name);
    throw UsageError("no column '" + printable(name) + "'" +
                     (quotes.empty() ? did_you_mean(name, names) : quotes));
  }
  if (place.second >= 0) throw UsageError(both_named(place.first, place.second, name));
  return place.first;
}

void append_entry(NameIndex& index, std::string_view entry, std::vector<Index>& columns) {
  if (entry.empty()) throw UsageError("the list of columns has an empty entry");
  const Names& names = index.names();
  const NameIndex::Place place = index.find(entry);
  const bool is_name = place.first >= 0;
  Index number = 0;
  if (!is_name && parse_index(entry, number))
    columns.push_back(position_of(names, number, entry));
  else if (is_name ||
           (!append_named_range(index, entry, columns) && !append_range(names, entry, columns)))
    columns.push_back(only_place(names, place, entry));
}

void refuse_repeats(const Names& names, const std::vector<Index>& columns) {
  std::vector<bool> seen(names.size());
  for (const Index i : columns) {
    const auto place = static_cast<std::size_t>(i);
    if (seen[place]) throw UsageError("column '" + printable(names[place]) + "' is named twice");
    seen[place] = true;
  }
}

}  // namespace

Index find_column(const std::vector<std::string>& names, std::string_view name) {
  return only_place(names, NameIndex(names).find(name), name);
}

std::string both_named(Index one, Index other, std::string_view name) {
  return "columns " + std::to_string(std::min(one, other) + 1) + " and " +
         std::to_string(std::max(one, other) + 1) + " are both named '" + printable(name) + "'";
}

std::vector<Index> find_columns(const std::vector<std::string>& names, std::string_view selection) {
  NameIndex index(names);
  return find_columns(index, selection);
}

std::vector<Index> find_columns(NameIndex& index, std::string_view selection) {
  std::vector<Index> columns;
  const bool is_name = selection.find(',') != selection.npos && index.find(selection).first >= 0;
  std::vector<Field> entries;
  if (is_name || !split_record(selection, ',', entries)) {
    entries.assign(1, {selection, false});
  }
  for (const Field& entry : entries) {
    if (entry.quoted) {
      const std::string name = field_value(entry);
      columns.push_back(only_place(index.names(), index.find(name), name));
    } else {
      append_entry(index, entry.text, columns);
    }
  }
  refuse_repeats(index.names(), columns);
  return columns;
}

}  // namespace nflow
