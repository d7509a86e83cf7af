#include "nflow/csv.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <numeric>
#include <utility>

#include "io/csv_advice.h"
#include "io/csv_fields.h"
#include "io/csv_labels.h"
#include "io/csv_names.h"
#include "io/csv_number.h"
#include "io/csv_records.h"
#include "nflow/error.h"
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

struct CsvReader::Impl {
  Impl(std::string path, const CsvFormat& csv_format);

  void read_first_record();
  void sniff_delimiter();
  void sniff_decimal(std::string_view text);
  bool looks_like_header();
  void refuse_carriage_returns();

  Next next_record(bool wait);
  void collect(CsvChunk& chunk, Index max_rows);
  bool parse_record();
  bool cut();
  bool parse_row();
  bool may_miss(std::size_t selected) const;
  Kind parse_field(std::size_t selected, double& value);
  bool refuse(const std::string& reason, const std::string& advice = "");
  bool refuse_field(Index column, Kind kind);
  std::vector<std::size_t> text_columns();

  CsvFormat format;
  RecordSource records;
  NumberParser numbers;
  bool has_header = false;
  std::uint64_t first_row = 0;  // where it begins, as a place in the data
  std::vector<std::string> names;
  std::string header_text;
  std::string delimiter_advice, comment_advice;
  std::vector<Index> columns;  // the selected ones
  LabelColumns texts;
  std::vector<bool> required;   // of the selected ones, or empty
  bool sniffs_decimal = false;  // has no number shown its decimal mark yet?
  bool keeps_text = false;
  std::function<std::string(const double*)> check;
  std::function<void(const CsvReject&)> reject;
  std::size_t count = 0;  // of the records read
  std::size_t dropped = 0;

  Record record;              // the one at hand
  std::vector<Field> fields;  // its fields
  bool waiting = false;       // is it the first row, which was read to see whether it is a header?
  bool in_first_row = true;
  std::vector<double> values;  // of the chunk's rows
  std::exception_ptr failure;  // for the next read(), behind the rows that precede it
};

CsvReader::Impl::Impl(std::string path, const CsvFormat& csv_format)
    : format(checked(csv_format)),
      records(std::move(path), format.delimiter, format.comment),
      numbers(format.na_tokens, format.decimal) {
  read_first_record();
  comment_advice = nflow::comment_advice(record.text, format);
  if (names.size() == 1) {
    records.keep_blank_lines();
    delimiter_advice = nflow::delimiter_advice(record.text, format);
  }
  columns.resize(names.size());
  std::iota(columns.begin(), columns.end(), Index{0});
}

void CsvReader::Impl::read_first_record() {
  if (records.next(record, true) == Next::end)
    throw Error(records.lines().name() + ": the file is empty");
  cut();
  if (format.sniff) sniff_delimiter();
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
void CsvReader::Impl::sniff_delimiter() {
  char found = fields.size() == 1 ? likely_delimiter(record.text) : '\0';
  for (const char other : {'\t', ';', '|'}) {
    if (fields.size() > 1 && parts_decimal_commas(record.text, other)) found = other;
  }
  if (found != '\0') {
    format.delimiter = found;
    records.set_delimiter(found);
    cut();
  }
  sniffs_decimal = format.delimiter != ',' && format.decimal == '.';
  for (const Field& field : fields) sniff_decimal(field.text);
}

void CsvReader::Impl::sniff_decimal(std::string_view text) {
  double ignored = 0;
  if (!sniffs_decimal) return;
  if (is_decimal_comma(text)) {
    format.decimal = ',';
    numbers = NumberParser(format.na_tokens, format.decimal);
    sniffs_decimal = false;
  } else if (text.find('.') != text.npos && numbers.parse(text, ignored) == Kind::number) {
    sniffs_decimal = false;
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
  if (std::exchange(waiting, false)) return Next::item;
  return records.next(record, wait);
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
  bool gaps = false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    double value = 0;
    const Kind kind = parse_field(i, value);
    const bool gap = kind == Kind::missing && may_miss(i);
    if (kind != Kind::number && !gap) return refuse_field(columns[i], kind);
    values.push_back(gap ? std::numeric_limits<double>::quiet_NaN() : value);
    gaps = gaps || gap;
  }
  if (gaps && format.missing == CsvFormat::Missing::drop) {
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

/// The first text of a column of either kind is refused where it is a number to other marks: the
/// column is one of numbers, which labels would hide.
Kind CsvReader::Impl::parse_field(std::size_t selected, double& value) {
  const Field& field = fields[static_cast<std::size_t>(columns[selected])];
  sniff_decimal(field.text);
  if (!texts.any()) return numbers.parse(field.text, value);
  const bool may_turn = texts.may_turn_to_text(selected);
  const Kind kind = texts.parse(selected, field, numbers, value);
  if (!may_turn || !is_label(value)) return kind;
  const bool one_column = names.size() == 1;
  const bool misread = (one_column && !delimiter_advice.empty()) ||
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
  const auto selected = std::find(columns.begin(), columns.end(), column) - columns.begin();
  return refuse(text, field_advice({value, kind, place, text_columns(), in_first_row,
                                    texts.is_either(static_cast<std::size_t>(selected))},
                                   names, format));
}

/// Those of the first row that are to be numbers, so that all can be left out at once.
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
  std::sort(text.begin(), text.end());
  return text;
}

CsvReader::CsvReader(std::string path, const CsvFormat& format)
    : impl_(std::make_unique<Impl>(std::move(path), format)) {}

CsvReader::~CsvReader() = default;

const CsvFormat& CsvReader::format() const { return impl_->format; }

const std::string& CsvReader::name() const { return impl_->records.lines().name(); }

bool CsvReader::has_header() const { return impl_->has_header; }

const std::vector<std::string>& CsvReader::names() const { return impl_->names; }

const std::string& CsvReader::header_text() const { return impl_->header_text; }

void CsvReader::select(std::vector<Index> columns) {
  const auto count = static_cast<Index>(impl_->names.size());
  for (const Index column : columns)
    if (column < 0 || column >= count)
      throw UsageError(name() + ": there is no column " + std::to_string(column + 1));
  impl_->columns = std::move(columns);
  impl_->texts = {};
  impl_->required.clear();
}

void CsvReader::set_columns(const std::vector<CsvColumn>& kinds, std::vector<Labels> known) {
  const std::size_t count = impl_->columns.size();
  if (kinds.size() != count || (!known.empty() && known.size() != count))
    throw UsageError(name() + ": each of the " + std::to_string(count) +
                     " selected columns needs a kind, and labels where any has them");
  impl_->texts.set(kinds, std::move(known));
}

void CsvReader::set_required(std::vector<bool> required) {
  if (required.size() != impl_->columns.size())
    throw UsageError(name() + ": it is not known of each selected column whether it is required");
  impl_->required = std::move(required);
}

const std::vector<Labels>& CsvReader::labels() const {
  std::vector<Labels>& labels = impl_->texts.labels();
  labels.resize(impl_->columns.size());
  return labels;
}

bool CsvReader::has_labels(Index selected) const {
  return impl_->texts.has_labels(static_cast<std::size_t>(selected));
}

bool CsvReader::has_numbers(Index selected) const {
  return impl_->texts.has_numbers(static_cast<std::size_t>(selected));
}

void CsvReader::read_as_text(Index selected) {
  impl_->texts.read_as_text(static_cast<std::size_t>(selected));
}

void CsvReader::keep_text() { impl_->keeps_text = true; }

void CsvReader::set_check(std::function<std::string(const double* values)> check) {
  impl_->check = std::move(check);
}

void CsvReader::set_reject(std::function<void(const CsvReject&)> take) {
  impl_->reject = std::move(take);
}

std::optional<std::uint64_t> CsvReader::size() const { return impl_->records.lines().size(); }

std::uint64_t CsvReader::bytes_read() const { return impl_->records.lines().bytes_read(); }

void CsvReader::read_only(std::uint64_t first, std::uint64_t last, bool from_start) {
  Impl& self = *impl_;
  self.waiting = false;
  self.failure = nullptr;
  self.texts.begin_anew();
  self.in_first_row = first <= self.first_row;
  if (from_start || self.in_first_row)
    self.records.go_to(self.first_row);
  else
    self.records.find(first);
  self.records.restrict(first, last);
}

bool CsvReader::quotes_seen() const { return impl_->records.quotes_seen(); }

bool CsvReader::read(CsvChunk& chunk, Index max_rows) {
  Impl& self = *impl_;
  chunk.text.clear();
  chunk.line.clear();
  chunk.begin.clear();
  self.values.clear();
  if (self.failure) std::rethrow_exception(std::exchange(self.failure, nullptr));
  try {
    self.collect(chunk, max_rows);
  } catch (const Error&) {
    if (chunk.line.empty()) throw;
    self.values.resize(chunk.line.size() * self.columns.size());
    self.failure = std::current_exception();
  }
  chunk.rows =
      Eigen::Map<const RowMatrix>(self.values.data(), static_cast<Index>(chunk.line.size()),
                                  static_cast<Index>(self.columns.size()));
  return !chunk.line.empty();
}

std::size_t CsvReader::records() const { return impl_->count; }

const std::string& CsvReader::first_line_advice() const {
  return impl_->comment_advice.empty() ? impl_->delimiter_advice : impl_->comment_advice;
}

std::size_t CsvReader::dropped() const { return impl_->dropped; }

std::string CsvReader::place(std::size_t line) const { return impl_->records.lines().place(line); }

}  // namespace nflow
