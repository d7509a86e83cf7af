#include "io/csv_rows.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "io/csv_advice.h"
#include "io/csv_names.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;

// What bounds the memory of a chunk where rows are long: 32 MiB each.
constexpr std::size_t kMostValues = std::size_t{1} << 22;
constexpr std::size_t kMostText = std::size_t{1} << 25;

const CsvFormat& checked(const CsvFormat& format) {
  const char c = format.delimiter;
  if (c == '"' || c == '\n' || c == '\r' || c == '\0')
    throw UsageError("the delimiter cannot be a quote or a line end");
  if (format.comment == c) throw UsageError("comments cannot begin with the delimiter");
  if (format.decimal != '.' && format.decimal != ',')
    throw UsageError("the decimal mark is a point or a comma");
  return format;
}

std::string fields_text(std::size_t count) {
  if (count > kMaxCsvFields) return "more than " + std::to_string(kMaxCsvFields) + " fields";
  return counted(static_cast<std::int64_t>(count), "field");
}

}  // namespace

CsvReader::Impl::Impl(std::vector<std::string> paths, const CsvFormat& csv_format)
    : format(checked(csv_format)),
      records(paths.front(), format.delimiter, format.comment),
      numbers(format.na_tokens, format.decimal) {
  expect_files(std::move(paths));
  read_first_record();
  comment_advice = nflow::comment_advice(record.text, format);
  if (names.size() == 1) {
    records.keep_blank_lines();
    delimiter_advice = nflow::delimiter_advice(record.text, format);
  }
  columns.resize(names.size());
  std::iota(columns.begin(), columns.end(), Index{0});
  gaps.assign(columns.size(), 0);
}

void CsvReader::Impl::read_first_record() {
  if (records.next(record, true) == Next::end)
    throw Error(records.lines().name() + ": the file is empty");
  cut();
  find_delimiter();
  if (fields.size() > kMaxCsvFields) refuse(fields_text(fields.size()));
  refuse_carriage_returns();
  has_header = format.header == CsvFormat::Header::yes ||
               (format.header == CsvFormat::Header::automatic && looks_like_header());
  if (has_header) header_text = record.text;
  names = has_header ? names_in_header(fields) : default_names(fields.size());
  first_row = has_header ? records.lines().position() : record.begin;
  waiting = !has_header;
}

/// A comma between fields leaves no room for one inside of numbers.
void CsvReader::Impl::find_delimiter() {
  const char found = format.find_delimiter ? other_delimiter(record.text, fields.size()) : '\0';
  if (found != '\0') {
    format.delimiter = found;
    records.set_delimiter(found);
    cut();
  }
  seeks_decimal = format.find_decimal && format.delimiter != ',' && format.decimal == '.';
  for (const Field& field : fields) look_at_decimal(field.text);
}

void CsvReader::Impl::look_at_decimal(std::string_view text) {
  double ignored = 0;
  if (!seeks_decimal) return;
  if (is_decimal_comma(text)) {
    format.decimal = ',';
    numbers = NumberParser(format.na_tokens, format.decimal);
    seeks_decimal = false;
  } else if (text.find('.') != text.npos && numbers.parse(text, ignored) == Kind::number) {
    seeks_decimal = false;
  }
}

/// To us a file whose lines end so is one line.
void CsvReader::Impl::refuse_carriage_returns() {
  const bool any = std::any_of(fields.begin(), fields.end(), [](const Field& field) {
    return !field.quoted && field.text.find('\r') != std::string_view::npos;
  });
  if (any) refuse("lines end in a carriage return alone; tr '\\r' '\\n' mends them");
}

bool CsvReader::Impl::looks_like_header() {
  return std::any_of(fields.begin(), fields.end(), [this](const Field& field) {
    double ignored = 0;
    return numbers.parse(field.text, ignored) == Kind::text;
  });
}

Next CsvReader::Impl::next_record(bool wait) {
  for (;;) {
    if (std::exchange(waiting, false)) return Next::item;
    const Next got = records.next(record, wait);
    if (got != Next::end || more_files.empty()) return got;
    if (!wait) return Next::nothing_yet;
    begin_next_file();
  }
}

/// Waits for the first row only, so that rows from a slow pipe go on their way at once.
void CsvReader::Impl::collect(CsvChunk& chunk, Index max_rows) {
  const auto limit = static_cast<std::size_t>(max_rows);
  std::size_t text = 0;
  while (chunk.line.size() < limit && values.size() < kMostValues && text < kMostText) {
    const bool wait = chunk.line.empty();
    if (next_record(wait) != Next::item) return;
    ++count;
    const std::size_t before = values.size();
    texts.begin_row();
    const bool usable = parse_record();
    in_first_row = false;
    if (!usable) {
      texts.drop_row();
      values.resize(before);
      continue;
    }
    chunk.line.push_back(record.line);
    chunk.begin.push_back(record.begin);
    if (!keeps_text) continue;
    chunk.text.emplace_back(record.text);
    text += record.text.size();
  }
}

/// Appends the record's numbers to `values`; false where it is to be left out.
bool CsvReader::Impl::parse_record() {
  if (!cut()) return false;
  if (fields.size() == names.size()) return parse_row();
  return refuse(fields_text(fields.size()) + " where " + std::to_string(names.size()) +
                    (names.size() == 1 ? " was" : " were") + " expected",
                comment_advice.empty() ? delimiter_advice : comment_advice);
}

bool CsvReader::Impl::cut() {
  if (record.has_nul) return refuse("the line holds a NUL byte; is this a text file in UTF-8?");
  if (split_record(record.text, format.delimiter, fields)) return true;
  return refuse("column " + std::to_string(fields.size()) + ": text behind the closing quote");
}

bool CsvReader::Impl::parse_row() {
  const std::size_t before = values.size();
  bool any_gap = false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    double value = 0;
    const Kind kind = parse_field(i, value);
    const bool gap = kind == Kind::missing && may_miss(i);
    if (kind != Kind::number && !gap) return refuse_field(columns[i], kind);
    values.push_back(gap ? std::numeric_limits<double>::quiet_NaN() : value);
    any_gap = any_gap || gap;
    if (gap) ++gaps[i];
  }
  if (any_gap && format.missing == CsvFormat::Missing::drop) {
    ++dropped;
    return false;
  }
  if (!check) return true;
  const std::string reason = check(values.data() + before);
  return reason.empty() || refuse(reason);
}

bool CsvReader::Impl::may_miss(std::size_t selected) const {
  if (format.missing == CsvFormat::Missing::keep) return required.empty() || !required[selected];
  return format.missing == CsvFormat::Missing::drop;
}

/// The first text of a column of either kind is refused where it is a number to other marks, or,
/// behind numbers, lines that a stray quote joins: the column is one of numbers, which labels would
/// hide.
Kind CsvReader::Impl::parse_field(std::size_t selected, double& value) {
  const Field& field = fields[static_cast<std::size_t>(columns[selected])];
  look_at_decimal(field.text);
  if (!texts.any()) return numbers.parse(field.text, value);
  const bool may_turn = texts.may_turn_to_text(selected);
  const Kind kind = texts.parse(selected, field, numbers, value);
  if (!may_turn || !is_label(value)) return kind;
  const bool one_column = names.size() == 1;
  const bool joins_lines =
      texts.has_numbers(selected) && field.text.find('\n') != std::string_view::npos;
  const bool misread = joins_lines || (one_column && !delimiter_advice.empty()) ||
                       has_other_marks(field_value(field), one_column, format);
  return misread ? Kind::text : kind;
}

/// Hands the record over, where that is wanted, and else ends the reading.
bool CsvReader::Impl::refuse(const std::string& reason, const std::string& advice) {
  if (!reject) throw Error(records.lines().place(record.line) + ": " + reason + advice);
  reject({record.text, record.line, reason});
  return false;
}

bool CsvReader::Impl::refuse_field(Index column, Kind kind) {
  const auto place = static_cast<std::size_t>(column);
  const std::string value = field_value(fields[place]);
  const std::string found = "'" + printable(value) + "'";
  std::string text = "column " + std::to_string(place + 1);
  if (has_header) text += " (" + printable(names[place]) + ")";
  if (kind == Kind::missing)
    text += ": missing value" + (found == "''" ? "" : " " + found);
  else if (kind == Kind::infinite)
    text += ": found " + found + ", expected a finite number";
  else
    text += ": found " + found + ", expected a number";
  if (kind == Kind::text && !delimiter_advice.empty()) return refuse(text, delimiter_advice);
  if (value.find('\n') != std::string::npos && format.advice != CsvFormat::Advice::none) {
    return refuse(text, "; the quote that opens here may be a stray one");
  }
  const auto selected = std::find(columns.begin(), columns.end(), column) - columns.begin();
  return refuse(text, field_advice({value, kind, place, text_columns(), in_first_row,
                                    texts.is_either(static_cast<std::size_t>(selected))},
                                   names, format));
}

/// Columns of numbers that are text in the first row: advice leaves out all of them at once.
std::vector<std::size_t> CsvReader::Impl::text_columns() {
  std::vector<std::size_t> text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (texts.holds_text(i)) continue;
    double ignored = 0;
    const auto place = static_cast<std::size_t>(columns[i]);
    if (in_first_row && numbers.parse(fields[place].text, ignored) == Kind::text) {
      text.push_back(place);
    }
  }
  if (text.size() == columns.size()) return {};  // without them there would be none
  std::sort(text.begin(), text.end());
  return text;
}

}  // namespace nflow
