#include "io/csv_help.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "nflow/name_index.h"

namespace nflow {
namespace {

using Help = CsvHelp::Kind;
using Kind = NumberParser::Kind;

/// Is it a mark such as ?, - or **, or a word such as null, that tables put where nothing is known?
bool may_mean_missing(const std::string& text) {
  const auto mark = [](char c) {
    return std::string_view("?-*.!#_/").find(c) != std::string::npos;
  };
  if (!text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), mark)) return true;
  const char* const words[] = {"null", "NULL", "Null", "none", "None", "n/a", "N/A", "NIL", "nil"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

bool is_number(std::string_view text, char decimal) {
  double ignored = 0;
  return NumberParser({}, decimal).parse(text, ignored) == Kind::number;
}

/// Does the delimiter part `text` into numbers, with either decimal mark?
bool parts_into_numbers(std::string_view text, char delimiter) {
  std::vector<Field> fields;
  if (!split_record(text, delimiter, fields) || fields.size() < 2) return false;
  const auto numbers = [&](char decimal) {
    return std::all_of(fields.begin(), fields.end(),
                       [&](const Field& field) { return is_number(field.text, decimal); });
  };
  return numbers('.') || (delimiter != ',' && numbers(','));
}

/// Is it a number whose thousands are parted by the other mark, such as 1.000,5 or 1,000,000?
bool parts_thousands(const std::string& text, char decimal) {
  const char mark = decimal == '.' ? ',' : '.';
  const std::size_t end = std::min(text.find(decimal), text.size());
  std::size_t at = text.find(mark);
  if (at >= end) return false;
  std::string joined = text.substr(0, at);
  for (; at < end && text[at] == mark; at += 4) joined += text.substr(at + 1, 3);
  return at == end && joined.find(mark) == joined.npos &&
         is_number(joined + text.substr(end), decimal);
}

/// Has it this mark once, with three digits behind, which may be of decimals or of thousands?
CsvHelp two_readings(const std::string& text, char mark) {
  const char other = mark == ',' ? '.' : ',';
  const std::size_t at = text.find(mark);
  if (!parts_thousands(text, other) || text.find_first_not_of("+-") == text.find('0') ||
      text.find(mark, at + 1) != text.npos || text.find(other) != text.npos) {
    return {};
  }
  std::string joined = text, pointed = text;
  joined.erase(at, 1);
  pointed[at] = '.';
  return {Help::comma, mark, pointed, joined};
}

/// Was its decimal mark neither asked for nor seen in it, but that of a like table?
bool has_like_comma(const CsvFormat& format) {
  return format.decimal == ',' && format.like && format.like->manner.decimal == ',';
}

CsvHelp punctuation_help(const std::string& text, bool one_column, const CsvFormat& format) {
  const bool may_be_both =
      format.find && format.thousands == '\0' && (format.decimal == '.' || has_like_comma(format));
  CsvHelp both = may_be_both ? two_readings(text, format.decimal == '.' ? ',' : '.') : CsvHelp();
  if (!both.empty()) return both;
  if (format.decimal == '.' && is_number(text, ',')) return {Help::decimal, ','};
  if (parts_thousands(text, '.') || parts_thousands(text, ',')) return {Help::thousands};
  if (format.decimal == ',' && is_number(text, '.')) return {Help::decimal, '.'};
  for (const char delimiter : {'\t', ';', '|', ',', kBlanks}) {
    if (delimiter == format.delimiter || delimiter == format.decimal) continue;
    if (delimiter == kBlanks && !one_column) continue;
    if (parts_into_numbers(text, delimiter)) return {Help::delimiter, delimiter};
  }
  return {};
}

std::vector<CsvHelp::Column> columns_of(const std::vector<std::size_t>& places,
                                        const std::vector<std::string>& names) {
  NameIndex index(names);
  std::vector<CsvHelp::Column> columns;
  for (const std::size_t place : places) {
    const bool only = index.find(names[place]).second < 0;
    columns.push_back({place, only ? names[place] : ""});
  }
  return columns;
}

/// The one that parts a record into most fields; NUL where none does.
char likely_delimiter(std::string_view record) {
  std::size_t most = 1;
  char best = '\0';
  std::vector<Field> fields;
  for (const char delimiter : {'\t', ';', '|', ','}) {
    if (!split_record(record, delimiter, fields) || fields.size() <= most) continue;
    most = fields.size();
    best = delimiter;
  }
  return best;
}

/// Does the delimiter part a record into numbers with decimal commas, one at least?
bool parts_decimal_commas(std::string_view record, char delimiter) {
  std::vector<Field> fields;
  if (!split_record(record, delimiter, fields) || fields.size() < 2) return false;
  const auto number = [](const Field& field) { return is_number(field.text, ','); };
  const auto comma = [](const Field& field) { return is_decimal_comma(field.text); };
  return std::all_of(fields.begin(), fields.end(), number) &&
         std::any_of(fields.begin(), fields.end(), comma);
}

/// Is it a line of a text: three words or more, and no number that stands alone?
bool is_prose(std::string_view record) {
  std::size_t words = 0;
  for (std::size_t at = record.find_first_not_of(" \t"); at != record.npos;) {
    const std::size_t end = std::min(record.find_first_of(" \t", at), record.size());
    if (is_number(record.substr(at, end - at), '.')) return false;
    ++words;
    at = record.find_first_not_of(" \t", end);
  }
  return words >= 3;
}

/// By how many fields they have: so many records.
std::map<std::size_t, std::size_t> records_by_fields(const OddRecords& records, char delimiter) {
  std::map<std::size_t, std::size_t> count;
  std::vector<Field> fields;
  for (const std::string_view text : records.texts) {
    ++count[split_record(text, delimiter, fields) ? fields.size() : 0];
  }
  return count;
}

/// Are half of them lines of a text, and does no delimiter make as many fields of three in four?
/// Those that were read before have said that they are none: they count twice.
bool are_prose(const OddRecords& records, char own) {
  const auto prose = std::count_if(records.texts.begin(), records.texts.end(), is_prose);
  const std::size_t all = records.texts.size() + records.before;
  if (2 * static_cast<std::size_t>(prose) < all + records.before) return false;
  for (const char delimiter : {own, '\t', ';', '|', ','}) {
    auto count = records_by_fields(records, delimiter);
    if (delimiter == own) count[records.columns] += records.before;
    count.erase(0);
    count.erase(1);
    for (const auto& [fields, same] : count) {
      if (4 * same >= 3 * all) return false;
    }
  }
  return true;
}

bool begins_like_comment(std::string_view record, const CsvFormat& format) {
  return format.comment == '\0' && trim(record, format.delimiter).substr(0, 1) == "#";
}

}  // namespace

char other_delimiter(std::string_view record, std::size_t fields) {
  if (fields == 1) return likely_delimiter(record);
  for (const char delimiter : {'\t', ';', '|'}) {
    if (parts_decimal_commas(record, delimiter)) return delimiter;
  }
  return '\0';
}

CsvHelp count_help(const OddRecords& records, const CsvHelp& first_line, const CsvFormat& format) {
  const bool comment = begins_like_comment(records.texts.front(), format);
  if (!comment && are_prose(records, format.delimiter)) return {Help::no_table};
  if (!first_line.empty()) return first_line;
  if (comment) return {Help::comment_row, '#'};
  if (records.in_first_row && records_by_fields(records, format.delimiter).size() == 1) {
    return {Help::short_header};
  }
  CsvHelp help{Help::other_count};
  help.first_row = records.in_first_row;
  return help;
}

CsvHelp delimiter_help(std::string_view record, char own) {
  const char best = likely_delimiter(record);
  return best == '\0' || best == own ? CsvHelp() : CsvHelp{Help::delimiter, best};
}

bool is_decimal_point(std::string_view text) {
  const std::string own(text);
  return text.find('.') != text.npos && is_number(text, '.') && !parts_thousands(own, ',');
}

bool is_decimal_comma(std::string_view text) {
  const std::size_t comma = text.find(',');
  const std::size_t point = text.find('.');
  if (comma != text.npos && point < comma) return parts_thousands(std::string(text), ',');
  // Three digits behind it may be thousands.
  return comma != text.npos && text.size() - comma != 4 && is_number(text, ',');
}

CsvHelp comment_help(std::string_view record, const CsvFormat& format) {
  return begins_like_comment(record, format) ? CsvHelp{Help::comment, '#'} : CsvHelp();
}

CsvHelp field_help(const BadField& field, const std::vector<std::string>& names,
                   const CsvFormat& format) {
  if (field.kind == Kind::missing) {
    CsvHelp help{Help::missing};
    if (field.in_first_row && names.size() > 1) help.columns = columns_of({field.column}, names);
    return help;
  }
  if (field.kind != Kind::text) return {};
  CsvHelp help = punctuation_help(field.text, names.size() == 1, format);
  if (!help.empty()) {
    if (field.may_be_label) help.label_column = names[field.column];
    return help;
  }
  if (may_mean_missing(field.text)) return {Help::mark_for_missing, '\0', field.text};
  if (field.text_columns.empty()) return {};
  help.kind = Help::text_columns;
  help.columns = columns_of(field.text_columns, names);
  return help;
}

bool has_other_marks(const std::string& text, bool one_column, const CsvFormat& format) {
  if (one_column) return !punctuation_help(text, true, format).empty();
  const char other = format.decimal == '.' ? ',' : '.';
  return is_number(text, other) || parts_thousands(text, '.') || parts_thousands(text, ',');
}

}  // namespace nflow
