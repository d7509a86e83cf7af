#include "io/csv_advice.h"

#include <algorithm>
#include <iterator>

#include "nflow/printable.h"

namespace nflow {
namespace {

using Advice = CsvFormat::Advice;
using Kind = NumberParser::Kind;

std::string try_delimiter(char delimiter) {
  return std::string("; try --delimiter '") +
         (delimiter == '\t'      ? "\\t"
          : delimiter == kBlanks ? "blanks"
                                 : std::string(1, delimiter)) +
         "'";
}

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
  while (at < end && text[at] == mark) at += 4;
  std::string joined = text;
  joined.erase(std::remove(joined.begin(), joined.end(), mark), joined.end());
  return at == end && is_number(joined, decimal);
}

/// Has it one mark, with three digits behind, which may be of decimals or of thousands?
std::string two_readings(const std::string& text) {
  const std::size_t at = text.find(',');
  if (!parts_thousands(text, '.') || text.find_first_not_of("+-") == text.find('0') ||
      text.find(',', at + 1) != text.npos || text.find('.') != text.npos) {
    return "";
  }
  std::string joined = text, pointed = text;
  joined.erase(at, 1);
  pointed[at] = '.';
  return "; --decimal , reads " + pointed + ", --thousands , reads " + joined;
}

std::string punctuation_advice(const std::string& text, bool one_column, const CsvFormat& format) {
  const bool may_be_both = format.find && format.decimal == '.' && format.thousands == '\0';
  const std::string both = may_be_both ? two_readings(text) : "";
  if (!both.empty()) return both;
  if (format.decimal == '.' && is_number(text, ',')) return "; try --decimal ,";
  if (parts_thousands(text, '.') || parts_thousands(text, ',')) {
    return "; marks between thousands are not read";
  }
  if (format.decimal == ',' && is_number(text, '.')) {
    return format.find_decimal ? "; try --decimal ." : "; try without --decimal ,";
  }
  for (const char delimiter : {'\t', ';', '|', ',', kBlanks}) {
    if (delimiter == format.delimiter || delimiter == format.decimal) continue;
    if (delimiter == kBlanks && !one_column) continue;
    if (parts_into_numbers(text, delimiter)) return try_delimiter(delimiter);
  }
  return "";
}

/// Names, where these can be told apart; of very many columns their numbers, as ranges.
std::string column_list(const std::vector<std::size_t>& columns,
                        const std::vector<std::string>& names) {
  constexpr std::size_t most_names = 12;
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = names[columns[i]];
    const bool usable = columns.size() <= most_names && is_plain_name(name) &&
                        std::count(names.begin(), names.end(), name) == 1;
    list += (list.empty() ? "" : ",") + (usable ? name : std::to_string(columns[i] + 1));
    if (columns.size() <= most_names) continue;
    const std::size_t first = i;
    while (i + 1 < columns.size() && columns[i + 1] == columns[i] + 1) ++i;
    if (i > first) list += "-" + std::to_string(columns[i] + 1);
  }
  return list;
}

std::string exclude_advice(const std::vector<std::size_t>& columns,
                           const std::vector<std::string>& names) {
  return "; --exclude " + column_list(columns, names) + " leaves the column" +
         (columns.size() > 1 ? "s" : "") + " out";
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

}  // namespace

char other_delimiter(std::string_view record, std::size_t fields) {
  if (fields == 1) return likely_delimiter(record);
  for (const char delimiter : {'\t', ';', '|'}) {
    if (parts_decimal_commas(record, delimiter)) return delimiter;
  }
  return '\0';
}

std::string count_advice(std::string_view record, bool in_first_row, const CsvFormat& format) {
  if (trim(record, format.delimiter).substr(0, 1) == "#" && format.comment == '\0') {
    return "; --comment '#' leaves such lines out";
  }
  if (in_first_row && format.skip == 0) {
    return "; --skip N leaves out N lines above the table, --on-error skip such rows";
  }
  return "; --on-error skip leaves such lines out";
}

std::string delimiter_advice(std::string_view record, const CsvFormat& format) {
  if (format.advice == Advice::none) return "";
  const char best = likely_delimiter(record);
  return best == '\0' ? "" : try_delimiter(best);
}

bool is_decimal_comma(std::string_view text) {
  const std::size_t comma = text.find(',');
  const std::size_t point = text.find('.');
  if (comma != text.npos && point < comma) return parts_thousands(std::string(text), ',');
  // Three digits behind it may be thousands.
  return comma != text.npos && text.size() - comma != 4 && is_number(text, ',');
}

std::string comment_advice(std::string_view record, const CsvFormat& format) {
  const bool helps = format.advice != Advice::none && format.comment == '\0';
  return helps && trim(record, format.delimiter).substr(0, 1) == "#" ? "; try --comment '#'" : "";
}

std::string field_advice(const BadField& field, const std::vector<std::string>& names,
                         const CsvFormat& format) {
  if (format.advice == Advice::none) return "";
  const bool training = format.advice == Advice::training;
  if (field.kind == Kind::missing) {
    if (format.advice == Advice::marginal) return "; --marginal gives log p of what is there";
    if (!training) return "";
    return "; --missing drop leaves such rows out" +
           (field.in_first_row && names.size() > 1
                ? ", --exclude " + column_list({field.column}, names) + " the column"
                : "");
  }
  if (field.kind != Kind::text) return "";
  std::string advice = punctuation_advice(field.text, names.size() == 1, format);
  if (!advice.empty() && field.may_be_label) {
    advice +=
        " (or, if these are labels, --support '" + printable(names[field.column]) + "=CATEGORY')";
  }
  if (!advice.empty() || !training) return advice;
  if (may_mean_missing(field.text)) {
    return "; --na '" + field.text + "' --missing drop leaves such rows out";
  }
  return field.text_columns.empty() ? "" : exclude_advice(field.text_columns, names);
}

bool has_other_marks(const std::string& text, bool one_column, const CsvFormat& format) {
  if (format.advice != Advice::training) return false;
  if (one_column) return !punctuation_advice(text, true, format).empty();
  const char other = format.decimal == '.' ? ',' : '.';
  return is_number(text, other) || parts_thousands(text, '.') || parts_thousands(text, ',');
}

}  // namespace nflow
