#include "io/csv_rows.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "io/csv_help.h"
#include "io/csv_like.h"
#include "io/csv_names.h"
#include "io/csv_style.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;

// What bounds the memory of a chunk where rows are long: 32 MiB each.
constexpr std::size_t kMostValues = std::size_t{1} << 22;
constexpr std::size_t kMostText = std::size_t{1} << 25;

constexpr std::size_t kLookAhead = std::size_t{1} << 16;  // bytes that say how a file is read

const CsvFormat& checked(const CsvFormat& format) {
  const char c = format.delimiter;
  if (c == '"' || c == '\n' || c == '\r')
    throw UsageError("the delimiter cannot be a quote or a line end");
  if (format.comment != '\0' && format.comment == c)
    throw UsageError("comments cannot begin with the delimiter");
  if (format.decimal != '.' && format.decimal != ',')
    throw UsageError("the decimal mark is a point or a comma");
  if (format.thousands == format.decimal)
    throw UsageError("the mark between thousands cannot be the decimal mark");
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
  begin();
  read_first_record();
  comment_help = nflow::comment_help(record.text, format);
  if (names.size() == 1) {
    records.keep_blank_lines();
    delimiter_help = nflow::delimiter_help(record.text, format.delimiter);
    refuse_two_readings();
  }
  columns.resize(names.size());
  std::iota(columns.begin(), columns.end(), Index{0});
  gaps.assign(columns.size(), 0);
}

/// Looks at the first lines, and takes what they say of the file.
void CsvReader::Impl::begin() {
  if (format.find || format.find_delimiter) {
    const std::string_view lines = records.look_ahead([this](std::string_view so_far) {
      return so_far.size() >= kLookAhead || (!format.patient && sniff(so_far, format, false).sure);
    });
    beginning = sniff(lines, format, true);
    manner.delimiter = beginning.delimiter != format.delimiter;
    manner.comment = beginning.comment != format.comment;
    manner.header_in_comment = !beginning.header.empty();
    manner.titles = beginning.titles;
    manner.trailing = beginning.trailing;
    manner.carriage_returns = records.lines().carriage_returns();
    manner.utf16 = records.lines().format_name() == "UTF-16";
    format.delimiter = beginning.delimiter;
    format.comment = beginning.comment;
    records.set_delimiter(format.delimiter);
    records.set_comment(format.comment);
  }
  records.skip_lines(format.skip + beginning.titles);
}

void CsvReader::Impl::read_first_record() {
  if (records.next(record, true) == Next::end)
    throw Error(records.lines().name() + ": the file is empty");
  cut();
  find_decimal();
  if (fields.size() > kMaxCsvFields) refuse(fields_text(fields.size()));
  refuse_carriage_returns();
  name_columns();
}

void CsvReader::Impl::name_columns() {
  const bool in_comment = !beginning.header.empty();
  has_header = in_comment || format.header == CsvFormat::Header::yes ||
               (format.header == CsvFormat::Header::automatic && looks_like_header());
  first_row = has_header && !in_comment ? records.lines().position() : record.begin;
  waiting = !has_header || in_comment;
  if (has_header) header_text = in_comment ? beginning.header : std::string(record.text);
  if (in_comment) split_record(beginning.header, format.delimiter, fields);
  while (manner.trailing > 0 && fields.size() > 1 && fields.back().text.empty()) fields.pop_back();
  if (beginning.row_names) fields.insert(fields.begin(), Field());
  names = has_header ? names_in_header(fields) : default_names(fields.size());
  manner.latin1 = has_header && !is_utf8(header_text);
}

/// A comma between fields leaves no room for one inside of numbers.
void CsvReader::Impl::find_decimal() {
  take_like_marks();
  seeks_decimal = format.find_decimal && format.delimiter != ',' && format.decimal == '.' &&
                  format.thousands != ',';
  for (const Field& field : fields) look_at_decimal(field.text);
}

void CsvReader::Impl::look_at_decimal(std::string_view text) {
  double ignored = 0;
  if (!seeks_decimal) return;
  if (is_decimal_comma(text)) {
    format.decimal = ',';
    manner.decimal = true;
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
  if (format.like && format.find) {
    if (holds_names(fields, format.like->names)) return true;
    if (!format.like->manner.header && !beginning.is_header) return false;
  }
  return !beginning.is_data && std::any_of(fields.begin(), fields.end(),
                                           [this](const Field& field) { return may_head(field); });
}

/// Is it text, and neither a number as people write it nor a mark for a missing one?
bool CsvReader::Impl::may_head(const Field& field) {
  double ignored = 0;
  if (numbers.parse(field.text, ignored) != Kind::text) return false;
  if (!format.find) return true;
  if (is_missing_mark(std::string(field.text))) return false;
  const NumberStyle style = parse_styled(field.text, numbers, format.decimal).style;
  return style == NumberStyle::plain || style == NumberStyle::boolean;
}

/// One column of numbers such as 10 000 may be two as well.
void CsvReader::Impl::refuse_two_readings() {
  std::vector<Field> parts;
  if (!format.find || !format.find_delimiter || has_header || fields.empty() || fields[0].quoted ||
      (format.like && format.like->names.size() == 1) ||
      !split_record(fields[0].text, kBlanks, parts) || parts.size() < 2) {
    return;
  }
  if (parse_styled(fields[0].text, numbers, format.decimal).style != NumberStyle::thousands) return;
  refuse("found '" + printable(fields[0].text) + "', which is one number with blanks between its " +
             "thousands, or " + std::to_string(parts.size()) + " numbers",
         {CsvHelp::Kind::blanks});
}

Next CsvReader::Impl::next_record(bool wait) {
  Next got = Next::end;
  while (got == Next::end) {
    if (std::exchange(waiting, false)) return Next::item;
    got = records.next(record, wait);
    if (got != Next::end || more_files.empty()) break;
    if (!wait) return Next::nothing_yet;
    begin_next_file();
  }
  if (format.find && got == Next::item && !record.text.empty() && record.text.front() == '\xEF' &&
      record.text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    record.text.remove_prefix(kByteOrderMark.size());
  }
  return got;
}

/// Is the record at hand a header again, of units, or one of empty fields in a file whose lines end
/// in such?
bool CsvReader::Impl::is_no_row() {
  if (units_left > 0) {
    --units_left;
    units.emplace_back(record.text);
    return true;
  }
  if (!format.find) return false;
  if (has_header && record.text == header_text && may_repeat_header()) {
    ++manner.headers;
    return true;
  }
  if (!units.empty() && std::find(units.begin(), units.end(), record.text) != units.end()) {
    return true;
  }
  if (manner.trailing == 0) return false;
  const bool empty = std::all_of(record.text.begin(), record.text.end(), [this](char c) {
    return c == format.delimiter || c == ' ' || c == '\t';
  });
  manner.empty_rows += empty ? 1 : 0;
  return empty;
}

/// Waits for the first row only, so that rows from a slow pipe go on their way at once.
void CsvReader::Impl::collect(CsvChunk& chunk, Index max_rows) {
  const auto limit = static_cast<std::size_t>(max_rows);
  std::size_t text = 0;
  while (chunk.line.size() < limit && values.size() < kMostValues && text < kMostText) {
    const bool wait = chunk.line.empty();
    if (next_record(wait) != Next::item) return;
    if (!settled) settle();
    if (is_no_row()) continue;
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
    chunk.number.push_back(count);
    if (!keeps_text) continue;
    chunk.text.emplace_back(record.text);
    text += record.text.size();
  }
}

/// Appends the record's numbers to `values`; false where it is to be left out.
bool CsvReader::Impl::parse_record() {
  if (!cut()) return false;
  if (fields.size() == names.size() || has_trailing()) return parse_row();
  return refuse(fields_text(fields.size()) + " where " + std::to_string(names.size()) +
                    (names.size() == 1 ? " was" : " were") + " expected",
                count_help());
}

/// In a table of one column its name may be a label of it too, unless the others are numbers.
bool CsvReader::Impl::may_repeat_header() const {
  return names.size() > 1 || (!profiles.empty() && profiles[0].marks);
}

/// Empty fields behind the columns, which all lines of the file have.
bool CsvReader::Impl::has_trailing() {
  if (manner.trailing == 0 || fields.size() < names.size()) return false;
  return std::all_of(fields.begin() + static_cast<std::ptrdiff_t>(names.size()), fields.end(),
                     [](const Field& field) { return field.text.empty() && !field.quoted; });
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

/// The first text of a column of either kind is refused where it is a number to other marks, and
/// such labels are doubted, or, behind numbers, lines that a stray quote joins: the column is one
/// of numbers, which labels would hide. So it is where marks for missing came before.
Kind CsvReader::Impl::parse_field(std::size_t selected, double& value) {
  const Field& field = fields[static_cast<std::size_t>(columns[selected])];
  look_at_decimal(field.text);
  if (any_style && profiles[selected].style != NumberStyle::plain) {
    return parse_by_style(selected, field, value);
  }
  if (!texts.any()) {
    const Kind kind = numbers.parse(field.text, value);
    return kind == Kind::text && is_mark(selected, field) ? Kind::missing : kind;
  }
  const bool may_turn = texts.may_turn_to_text(selected);
  if (may_turn && is_mark(selected, field)) return Kind::missing;
  const Kind kind = texts.parse(selected, field, numbers, value);
  if (kind == Kind::text && is_mark(selected, field)) return Kind::missing;
  if (!may_turn || !is_label(value)) return kind;
  const bool one_column = names.size() == 1;
  const bool joins_lines =
      texts.has_numbers(selected) && field.text.find('\n') != std::string_view::npos;
  const auto may_be_number = [&] {
    return (one_column && !delimiter_help.empty()) ||
           has_other_marks(field_value(field), one_column, format);
  };
  const bool misread =
      joins_lines || has_mark(selected) || (format.doubts_labels && may_be_number());
  return misread ? Kind::text : kind;
}

/// Hands the record over, where that is wanted, and else ends the reading.
bool CsvReader::Impl::refuse(const std::string& reason, const CsvHelp& help) {
  if (!reject) throw CsvError(records.lines().place(record.line) + ": " + reason, help);
  const auto more = std::count(record.text.begin(), record.text.end(), '\n');
  reject({record.text, record.line, reason, static_cast<std::size_t>(more) + 1});
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
  return refuse(text, reject ? CsvHelp() : field_help(place, value, kind));
}

CsvHelp CsvReader::Impl::field_help(std::size_t column, const std::string& value, Kind kind) {
  if (kind == Kind::text && !delimiter_help.empty()) return delimiter_help;
  if (value.find('\n') != std::string::npos) return {CsvHelp::Kind::stray_quote};
  const auto selected = static_cast<std::size_t>(
      std::find(columns.begin(), columns.end(), static_cast<Index>(column)) - columns.begin());
  const CsvHelp style = kind == Kind::text ? style_help(selected) : CsvHelp();
  if (!style.empty()) return style;
  return nflow::field_help(
      {value, kind, column, text_columns(), in_first_row, texts.is_either(selected)}, names,
      format);
}

/// Columns of numbers that are text in the first row: help leaves out all of them at once.
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
