#include "io/csv_fields.h"

#include <algorithm>

#include "nflow/csv.h"
#include "nflow/csv_record.h"

namespace nflow {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_space(char c, char delimiter) { return (c == ' ' || c == '\t') && c != delimiter; }

std::size_t skip_spaces(std::string_view text, std::size_t at, char delimiter) {
  while (at < text.size() && is_space(text[at], delimiter)) ++at;
  return at;
}

/// The quote that closes what opened before `at`; kNone where it stays open.
std::size_t find_closing_quote(std::string_view text, std::size_t at) {
  for (;;) {
    at = text.find('"', at);
    if (at == kNone) return kNone;
    const bool doubled = at + 1 < text.size() && text[at + 1] == '"';
    if (!doubled) return at;
    at += 2;
  }
}

bool split_at_blanks(std::string_view record, std::vector<Field>& fields) {
  std::size_t at = skip_spaces(record, 0, kBlanks);
  while (at < record.size() && fields.size() <= kMaxCsvFields) {
    Field field;
    field.quoted = record[at] == '"';
    const std::size_t close = field.quoted ? find_closing_quote(record, at + 1) : kNone;
    const std::size_t from = close == kNone ? at : close + 1;
    const std::size_t end = std::min(record.find_first_of(" \t", from), record.size());
    field.text =
        close == kNone ? record.substr(at, end - at) : record.substr(at + 1, close - at - 1);
    fields.push_back(field);
    if (close != kNone && end != from) return false;
    at = skip_spaces(record, end, kBlanks);
  }
  return true;
}

}  // namespace

std::string_view trim(std::string_view text, char delimiter) {
  while (!text.empty() && is_space(text.front(), delimiter)) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back(), delimiter)) text.remove_suffix(1);
  return text;
}

bool QuoteState::goes_on_after(std::string_view line, std::size_t number) {
  std::size_t at = 0;
  for (;;) {
    if (open_) {
      at = find_closing_quote(line, at);
      if (at == kNone) return true;
      open_ = false;
      at = behind_delimiter(line, at + 1);
      if (at == kNone) return false;
    }
    at = skip_spaces(line, at, delimiter_);
    if (at < line.size() && line[at] == '"') {
      open_ = true;
      opening_line_ = number;
      ++at;
      continue;
    }
    at = behind_delimiter(line, at);
    if (at == kNone) return false;
  }
}

/// The place behind the next delimiter; kNone where there is none.
std::size_t QuoteState::behind_delimiter(std::string_view line, std::size_t at) const {
  at = delimiter_ == kBlanks ? line.find_first_of(" \t", at) : line.find(delimiter_, at);
  return at == kNone ? at : at + 1;
}

bool split_record(std::string_view record, char delimiter, std::vector<Field>& fields) {
  fields.clear();
  if (delimiter == kBlanks) return split_at_blanks(record, fields);
  for (std::size_t at = 0;;) {
    const std::size_t begin = skip_spaces(record, at, delimiter);
    Field field;
    field.quoted = begin < record.size() && record[begin] == '"';
    const std::size_t close = field.quoted ? find_closing_quote(record, begin + 1) : kNone;
    const std::size_t from = close == kNone ? begin : close + 1;
    const std::size_t end = record.find(delimiter, from);
    // What stands before the delimiter: the field, or else the spaces behind its quotes.
    const std::string_view text = trim(record.substr(from, end - from), delimiter);
    field.text = close == kNone ? text : record.substr(begin + 1, close - begin - 1);
    fields.push_back(field);
    if (close != kNone && !text.empty()) return false;
    if (end == kNone || fields.size() > kMaxCsvFields) return true;
    at = end + 1;
  }
}

std::string field_value(const Field& field) {
  std::string value(field.text);
  if (!field.quoted) return value;
  for (std::size_t at = value.find('"'); at != kNone; at = value.find('"', at + 1))
    value.erase(at, 1);
  return value;
}

std::vector<std::string_view> raw_fields(std::string_view record, char delimiter) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0;;) {
    const std::size_t begin = skip_spaces(record, at, delimiter);
    if (delimiter == kBlanks && begin == record.size()) return fields;
    const bool quoted = begin < record.size() && record[begin] == '"';
    const std::size_t close = quoted ? find_closing_quote(record, begin + 1) : kNone;
    const std::size_t from = close == kNone ? begin : close + 1;
    const std::size_t found =
        delimiter == kBlanks ? record.find_first_of(" \t", from) : record.find(delimiter, from);
    const std::size_t end = std::min(found, record.size());
    const std::size_t first = delimiter == kBlanks ? begin : at;
    fields.push_back(record.substr(first, end - first));
    if (found == kNone) return fields;
    at = end + 1;
  }
}

}  // namespace nflow
