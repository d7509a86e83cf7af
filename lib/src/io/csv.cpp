#include "nflow/csv.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

#include "io/csv_fields.h"
#include "io/csv_number.h"
#include "io/csv_records.h"
#include "nflow/printable.h"
#include "nflow/error.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;

char checked_delimiter(char delimiter) {
  if (delimiter == '"' || delimiter == '\n' || delimiter == '\r' || delimiter == '\0')
    throw UsageError("the delimiter cannot be a quote or a line end");
  return delimiter;
}

std::string default_name(std::size_t position) { return "x" + std::to_string(position + 1); }

/// Can `name` stand in a list of columns as it is, without quotes in a shell?
bool is_plain_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return name.front() != '-' && std::all_of(name.begin(), name.end(), plain);
}

/// Is it a mark such as ?, - or **, or a word such as null, that tables put where nothing is known?
bool may_mean_missing(const std::string& text) {
  const auto mark = [](char c) {
    return std::string_view("?-*.!#_/").find(c) != std::string::npos;
  };
  if (!text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), mark)) return true;
  const char* const words[] = {"null", "NULL", "Null", "none", "None", "n/a", "N/A", "NIL", "nil"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

}  // namespace

struct CsvReader::Impl {
  Impl(std::string path, CsvFormat csv_format);

  void read_first_record();
  bool looks_like_header();
  void take_names();

  void split();
  Next next_record(bool wait);
  void collect(CsvChunk& chunk, Index max_rows);
  bool parse_row();

  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail_field(Index column, Kind kind) const;
  std::string hint(Index column, Kind kind) const;

  CsvFormat format;
  RecordSource records;
  NumberParser numbers;
  bool has_header = false;
  std::uint64_t first_row = 0;  // where it begins, as a place in the data
  std::vector<std::string> names;
  std::string header_text;
  std::vector<Index> columns;  // the selected ones
  bool keeps_text = false;
  std::size_t dropped = 0;

  Record record;              // the one at hand
  std::vector<Field> fields;  // its fields
  bool waiting = false;       // is it the first row, which was read to see whether it is a header?
  bool in_first_row = true;
  std::vector<double> values;  // of the chunk's rows
  std::exception_ptr failure;  // for the next read(), behind the rows that precede it
};

CsvReader::Impl::Impl(std::string path, CsvFormat csv_format)
    : format(std::move(csv_format)),
      records(std::move(path), checked_delimiter(format.delimiter)),
      numbers(format.na_tokens) {
  read_first_record();
  if (names.size() == 1) records.keep_blank_lines();
  columns.resize(names.size());
  std::iota(columns.begin(), columns.end(), Index{0});
}

void CsvReader::Impl::read_first_record() {
  if (records.next(record, true) == Next::end)
    throw Error(records.lines().name() + ": the file is empty");
  split();
  names.resize(fields.size());
  has_header = format.header == CsvFormat::Header::yes ||
               (format.header == CsvFormat::Header::automatic && looks_like_header());
  if (has_header) take_names();
  first_row = has_header ? records.lines().position() : record.begin;
  waiting = !has_header;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].empty()) names[i] = default_name(i);
}

bool CsvReader::Impl::looks_like_header() {
  return std::any_of(fields.begin(), fields.end(), [this](const Field& field) {
    double ignored = 0;
    return numbers.parse(field.text, ignored) == Kind::text;
  });
}

void CsvReader::Impl::take_names() {
  header_text = record.text;
  std::transform(fields.begin(), fields.end(), names.begin(), field_value);
}

void CsvReader::Impl::split() {
  if (!split_record(record.text, format.delimiter, fields))
    fail("column " + std::to_string(fields.size()) + ": text behind the closing quote");
}

/// The next record, cut into as many fields as the first has.
Next CsvReader::Impl::next_record(bool wait) {
  if (std::exchange(waiting, false)) return Next::item;
  const Next got = records.next(record, wait);
  if (got != Next::item) return got;
  split();
  if (fields.size() != names.size())
    fail(std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") + " where " +
         std::to_string(names.size()) + (names.size() == 1 ? " was" : " were") + " expected");
  return got;
}

/// Waits for the first row only, so that rows from a slow pipe go on their way at once.
void CsvReader::Impl::collect(CsvChunk& chunk, Index max_rows) {
  const auto limit = static_cast<std::size_t>(max_rows);
  while (chunk.line.size() < limit) {
    const bool wait = chunk.line.empty();
    if (next_record(wait) != Next::item) return;
    const bool complete = parse_row();
    in_first_row = false;
    if (!complete) {
      ++dropped;
      continue;
    }
    chunk.line.push_back(record.line);
    chunk.begin.push_back(record.begin);
    if (keeps_text) chunk.text.emplace_back(record.text);
  }
}

/// Appends the row to `values`, unless a value is missing and such rows are to be left out.
bool CsvReader::Impl::parse_row() {
  const std::size_t before = values.size();
  bool complete = true;
  for (const Index column : columns) {
    double value = 0;
    const Kind kind = numbers.parse(fields[static_cast<std::size_t>(column)].text, value);
    if (kind == Kind::missing && format.missing == CsvFormat::Missing::drop)
      complete = false;
    else if (kind != Kind::number)
      fail_field(column, kind);
    values.push_back(value);
  }
  if (!complete) values.resize(before);
  return complete;
}

void CsvReader::Impl::fail(const std::string& what) const {
  throw Error(records.lines().place(record.line) + ": " + what);
}

void CsvReader::Impl::fail_field(Index column, Kind kind) const {
  const auto place = static_cast<std::size_t>(column);
  const std::string found = "'" + printable(field_value(fields[place])) + "'";
  std::string text = "column " + std::to_string(place + 1);
  if (has_header) text += " (" + printable(names[place]) + ")";
  if (kind == Kind::missing)
    text += ": missing value" + (found == "''" ? "" : " " + found);
  else if (kind == Kind::infinite)
    text += ": found " + found + ", expected a finite number";
  else
    text += ": found " + found + ", expected a number";
  fail(text + hint(column, kind));
}

std::string CsvReader::Impl::hint(Index column, Kind kind) const {
  if (!format.suggest_options) return "";
  if (kind == Kind::missing) return "; --missing drop leaves such rows out";
  if (kind != Kind::text) return "";
  const std::string found = field_value(fields[static_cast<std::size_t>(column)]);
  if (may_mean_missing(found)) {
    return "; --na '" + found + "' --missing drop leaves such rows out";
  }
  if (!in_first_row) return "";
  const std::string& name = names[static_cast<std::size_t>(column)];
  const bool usable = is_plain_name(name) && std::count(names.begin(), names.end(), name) == 1;
  return "; --exclude " + (usable ? name : std::to_string(column + 1)) + " leaves the column out";
}

CsvReader::CsvReader(std::string path, CsvFormat format)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(format))) {}

CsvReader::~CsvReader() = default;

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
}

void CsvReader::keep_text() { impl_->keeps_text = true; }

std::optional<std::uint64_t> CsvReader::size() const { return impl_->records.lines().size(); }

std::uint64_t CsvReader::bytes_read() const { return impl_->records.lines().bytes_read(); }

void CsvReader::read_only(std::uint64_t first, std::uint64_t last, bool from_start) {
  Impl& self = *impl_;
  self.waiting = false;
  self.failure = nullptr;
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

std::size_t CsvReader::dropped() const { return impl_->dropped; }

std::string CsvReader::place(std::size_t line) const { return impl_->records.lines().place(line); }

}  // namespace nflow
