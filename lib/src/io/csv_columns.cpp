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

void append_from_to(Index first, Index last, std::string_view entry, std::vector<Index>& columns) {
  if (first > last) throw UsageError("the range of columns " + printable(entry) + " is backwards");
  for (Index i = first; i <= last; ++i) columns.push_back(i);
}

/// Appends the columns of a range of names such as 2019-2020 or a-c; false where `entry` is none.
bool append_named_range(NameIndex& index, std::string_view entry, std::vector<Index>& columns) {
  for (std::size_t dash = entry.find('-'); dash != entry.npos; dash = entry.find('-', dash + 1)) {
    const Index first = index.find(trim(entry.substr(0, dash))).first;
    const Index last = index.find(trim(entry.substr(dash + 1))).first;
    if (first < 0 || last < 0) continue;
    append_from_to(first, last, entry, columns);
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
  append_from_to(first, last, entry, columns);
  return true;
}

/// For a name that is not there, but begins one that commas have parted.
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
    const std::string guess = nearest(name, names), quotes = quotes_advice(names, name);
    throw UsageError("no column '" + printable(name) + "'" +
                     (!quotes.empty() ? quotes
                      : guess.empty() ? ""
                                      : "; did you mean '" + printable(guess) + "'?"));
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
           !(append_named_range(index, entry, columns) || append_range(names, entry, columns)))
    columns.push_back(only_place(names, place, entry));
}

struct Entry {
  std::string_view raw;
  std::string name;  // that stands in double quotes, where commas are part of it, and "" is a quote
  bool is_quoted = false;
};

/// The entry at the front of `list`, taken off with the comma behind it.
Entry take_entry(std::string_view& list, bool& more) {
  Entry entry;
  std::size_t end = std::min(list.find_first_not_of(' '), list.size());
  if (list.substr(end, 1) == "\"") {
    for (++end; end < list.size(); ++end) {
      if (list[end] == '"' && list.substr(end + 1, 1) != "\"") break;
      if (list[end] == '"') ++end;
      entry.name += list[end];
    }
    entry.is_quoted = end < list.size();
  }
  const std::size_t comma = list.find(',', entry.is_quoted ? end : 0);
  entry.raw = trim(list.substr(0, comma));
  more = comma != list.npos;
  list.remove_prefix(more ? comma + 1 : list.size());
  return entry;
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
  if (selection.find(',') != selection.npos && index.find(selection).first >= 0) {
    return {only_place(index.names(), index.find(selection), selection)};
  }
  for (bool more = true; more;) {
    const Entry entry = take_entry(selection, more);
    if (entry.is_quoted && index.find(entry.raw).first < 0)
      columns.push_back(only_place(index.names(), index.find(entry.name), entry.name));
    else
      append_entry(index, entry.raw, columns);
  }
  refuse_repeats(index.names(), columns);
  return columns;
}

}  // namespace nflow
