#include "tables/csv_help.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "nflow/printable.h"

namespace nflow::app {
namespace {

using Kind = CsvHelp::Kind;

bool has_option(const Arguments& arguments, const std::string& name) {
  return arguments.syntax().find(name).has_value();
}

std::string try_delimiter(char delimiter) {
  return std::string("; try --delimiter '") +
         (delimiter == '\t'      ? "\\t"
          : delimiter == kBlanks ? "blanks"
                                 : std::string(1, delimiter)) +
         "'";
}

std::string words_for_first_line(const CsvHelp& help) {
  if (help.kind == Kind::comment) return std::string("; try --comment '") + help.mark + "'";
  return help.kind == Kind::delimiter ? try_delimiter(help.mark) : "";
}

/// Can `name` stand in a list of columns as it is, without quotes in a shell?
bool is_plain_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), plain);
}

/// Names, where these can be told apart; of very many columns their numbers, as ranges.
std::string column_list(const std::vector<CsvHelp::Column>& columns) {
  constexpr std::size_t most_names = 12;
  std::string list;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool usable = columns.size() <= most_names && is_plain_name(columns[i].name);
    list += (list.empty() ? "" : ",") +
            (usable ? columns[i].name : std::to_string(columns[i].place + 1));
    if (columns.size() <= most_names) continue;
    const std::size_t first = i;
    while (i + 1 < columns.size() && columns[i + 1].place == columns[i].place + 1) ++i;
    if (i > first) list += "-" + std::to_string(columns[i].place + 1);
  }
  return list;
}

std::string words_for_record(const CsvHelp& help, const Arguments& arguments) {
  if (!has_option(arguments, "on-error")) return "";
  if (help.kind == Kind::comment_row) {
    return std::string("; --comment '") + help.mark + "' leaves such lines out";
  }
  if (help.first_row && arguments.count("skip", 0) == 0) {
    return "; --skip N leaves out N lines above the table, --on-error skip such rows";
  }
  return "; --on-error skip leaves such lines out";
}

std::string words_for_header(const Arguments& arguments) {
  const bool skips = has_option(arguments, "skip") && arguments.count("skip", 0) == 0;
  return std::string("; name each column in the header") +
         (skips ? ", or --skip N lines above the table" : "");
}

std::string words_for_missing(const CsvHelp& help, const Arguments& arguments) {
  if (has_option(arguments, "marginal")) return "; --marginal gives log p of what is there";
  if (!has_option(arguments, "missing")) return "";
  const std::string rows = "; --missing drop leaves such rows out";
  return help.columns.empty() ? rows
                              : rows + ", --exclude " + column_list(help.columns) + " the column";
}

std::string words_for_decimal(const CsvHelp& help, const Arguments& arguments) {
  if (help.mark == '.' && arguments.given("decimal")) return "; try without --decimal ,";
  return std::string("; try --decimal ") + help.mark;
}

std::string words_for_text_columns(const CsvHelp& help, const Arguments& arguments) {
  if (!has_option(arguments, "exclude")) return "";
  return "; --exclude " + column_list(help.columns) + " leaves the column" +
         (help.columns.size() > 1 ? "s" : "") + " out";
}

/// They stand behind the other words, since the column may be one of labels all the same.
std::string words_for_labels(const CsvHelp& help, const Arguments& arguments) {
  if (help.label_column.empty() || !has_option(arguments, "support")) return "";
  const std::string option = "--support '" + printable(help.label_column) + "=CATEGORY'";
  if (help.kind == Kind::other_style || help.kind == Kind::not_missing) {
    return "; " + option + " takes all for labels";
  }
  return " (or, if these are labels, " + option + ")";
}

std::string words_without_labels(const CsvHelp& help, const Arguments& arguments) {
  switch (help.kind) {
    case Kind::none:
      return "";
    case Kind::comment:
    case Kind::delimiter:
      return words_for_first_line(help);
    case Kind::comment_row:
    case Kind::other_count:
      return words_for_record(help, arguments);
    case Kind::short_header:
      return words_for_header(arguments);
    case Kind::no_table:
      return "; these lines read as a text, not as a table";
    case Kind::blanks:
      return "; --delimiter , reads the first, --delimiter blanks the second";
    case Kind::decimal:
      return words_for_decimal(help, arguments);
    case Kind::comma:
      return std::string("; --decimal ") + help.mark + " reads " + help.text + ", --thousands " +
             help.mark + " reads " + help.joined;
    case Kind::thousands:
      return "; marks between thousands are not read";
    case Kind::stray_quote:
      return "; the quote that opens here may be a stray one";
    case Kind::missing:
      return words_for_missing(help, arguments);
    case Kind::mark_for_missing:
      return has_option(arguments, "missing")
                 ? "; --na '" + help.text + "' --missing drop leaves such rows out"
                 : "";
    case Kind::text_columns:
      return words_for_text_columns(help, arguments);
    case Kind::other_style:
      return " as the first rows have it";
    case Kind::not_missing:
      return " or a mark for missing as before";
  }
  return "";
}

}  // namespace

std::string words_for(const CsvHelp& help, const Arguments& arguments) {
  return words_without_labels(help, arguments) + words_for_labels(help, arguments);
}

std::string first_line_words(const CsvReader& reader) {
  return words_for_first_line(reader.first_line_help());
}

}  // namespace nflow::app
