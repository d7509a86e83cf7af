// What the first rows say of the columns that were selected, and how fields are read by that.

#include <algorithm>

#include "io/csv_help.h"
#include "io/csv_rows.h"
#include "io/csv_style.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;

constexpr std::size_t kRowsLookedAt = 200, kMostMarksKept = 8;

/// Can it be a mark for missing? Most fields cannot by their first character.
bool may_be_mark(std::string_view text) {
  if (text.empty() || text.size() > 8) return false;
  const char c = text.front();
  if (c == '-' || c == '.') return text.size() == 1;
  return c == '?' || c == '#' || c == '\\' || c == '<' || c == 'N' || c == 'n';
}

/// May a plain number stand in a column of that style?
bool goes_with(NumberStyle style, double value) {
  const bool plain = style == NumberStyle::fortran || style == NumberStyle::thousands;
  return plain || (style == NumberStyle::currency && value == 0);
}

}  // namespace

/// The record at hand and those behind it that are here already.
std::vector<std::string_view> CsvReader::Impl::records_here() {
  std::vector<std::string_view> here{record.text};
  const std::vector<std::string_view> behind =
      records_in(records.lines().lines_here(), format.delimiter, format.comment, kRowsLookedAt);
  here.insert(here.end(), behind.begin(), behind.end());
  return here;
}

/// The same, parted, where they have as many fields as the header has names.
std::vector<std::vector<Field>> CsvReader::Impl::rows_here() {
  std::vector<std::vector<Field>> rows;
  for (std::string_view text : records_here()) {
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      text.remove_prefix(kByteOrderMark.size());
    }
    if (has_header && text == header_text) continue;
    std::vector<Field> row;
    if (!split_record(text, format.delimiter, row)) continue;
    if (row.size() > names.size() && manner.trailing > 0) row.resize(names.size());
    if (row.size() == names.size()) rows.push_back(std::move(row));
  }
  return rows;
}

CsvHelp CsvReader::Impl::count_help() {
  if (reject) return {};
  return nflow::count_help({records_here(), names.size(), count - 1, in_first_row},
                           comment_help.empty() ? delimiter_help : comment_help, format);
}

void CsvReader::Impl::settle() {
  settled = true;
  units_left = format.units.value_or(0);
  manner.units = units_left;
  if (!format.find) return;
  std::vector<std::vector<Field>> rows = rows_here();
  for (const std::vector<Field>& row : rows) {
    for (const Field& field : row) look_at_decimal(field.text);
  }
  if (!format.units && has_header && !manner.header_in_comment) {
    std::vector<bool> must(names.size(), false);
    bool any = false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const CsvColumn kind = texts.kind(i);
      must[static_cast<std::size_t>(columns[i])] = kind == CsvColumn::number;
      any = any || kind == CsvColumn::number || kind == CsvColumn::either;
    }
    const std::size_t expected = format.like ? format.like->manner.units : 0;
    if (any) manner.units = count_units(rows, must, numbers, expected);
    units_left = manner.units;
  }
  const std::vector<std::vector<Field>> first(
      rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(units_left, rows.size())));
  const auto again = [&](const std::vector<Field>& row) { return is_among(row, first); };
  rows.erase(std::remove_if(rows.begin(), rows.end(), again), rows.end());
  find_profiles(rows);
}

void CsvReader::Impl::find_profiles(const std::vector<std::vector<Field>>& rows) {
  profiles.assign(columns.size(), {});
  marked.assign(columns.size(), false);
  std::vector<const Field*> fields_of;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto place = static_cast<std::size_t>(columns[i]);
    fields_of.clear();
    for (const std::vector<Field>& row : rows) fields_of.push_back(&row[place]);
    profiles[i] = profile_of(fields_of, texts.kind(i), format, numbers, like_style(names[place]));
    if (profiles[i].style == NumberStyle::plain) continue;
    any_style = true;
    manner.styles.emplace_back(names[place], profiles[i].style);
  }
}

/// Looks at the first row before parts of the file are read, which may begin anywhere.
void CsvReader::Impl::settle_before_parts() {
  if (settled) return;
  if (next_record(true) != Next::item) return;
  settle();
  if (units_left == 0) return;
  while (units_left > 0) {
    is_no_row();
    first_row = records.lines().position();
    if (next_record(true) != Next::item) return;
  }
}

Kind CsvReader::Impl::parse_by_style(std::size_t selected, const Field& field, double& value) {
  const ColumnProfile& profile = profiles[selected];
  Kind kind = numbers.parse(field.text, value);
  if (kind == Kind::text) {
    if (is_mark(selected, field)) return Kind::missing;
    const StyledNumber number = parse_styled(field.text, numbers, format.decimal);
    if (number.style == profile.style && number.sign == profile.sign) {
      value = number.value;
      kind = Kind::number;
    }
  } else if (kind == Kind::number && !goes_with(profile.style, value)) {
    kind = Kind::text;
  }
  if (kind == Kind::number) texts.take_number(selected);
  return kind;
}

bool CsvReader::Impl::is_mark(std::size_t selected, const Field& field) {
  if (profiles.empty() || !profiles[selected].marks || !may_be_mark(field.text)) return false;
  const std::string text(field.text);
  if (!is_missing_mark(text)) return false;
  marked[selected] = true;
  const bool known =
      std::find(manner.marks.begin(), manner.marks.end(), text) != manner.marks.end();
  if (!known && manner.marks.size() < kMostMarksKept) manner.marks.push_back(text);
  return true;
}

/// For a column whose numbers, as its first rows write them, are followed by text.
CsvHelp CsvReader::Impl::style_help(std::size_t selected) const {
  if (profiles.empty()) return {};
  const bool styled = profiles[selected].style != NumberStyle::plain;
  if (!styled && !has_mark(selected)) return {};
  CsvHelp help{styled ? CsvHelp::Kind::other_style : CsvHelp::Kind::not_missing};
  const auto place = static_cast<std::size_t>(columns[selected]);
  if (texts.is_either(selected)) help.label_column = names[place];
  return help;
}

}  // namespace nflow
