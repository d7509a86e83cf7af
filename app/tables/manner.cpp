#include "tables/manner.h"

#include <map>
#include <string>
#include <vector>

#include "nflow/printable.h"
#include "report/log.h"
#include "tables/rows.h"

namespace nflow::app {
namespace {

const std::size_t kNamesShown = 5;

std::string delimiter_text(char delimiter) {
  switch (delimiter) {
    case kBlanks:
      return "blanks";
    case '\t':
      return "tabs";
    default:
      return std::string(1, delimiter);
  }
}

std::string style_text(NumberStyle style) {
  switch (style) {
    case NumberStyle::fortran:
      return "D before exponents";
    case NumberStyle::thousands:
      return "marks between thousands";
    case NumberStyle::percent:
      return "percent as numbers";
    case NumberStyle::currency:
      return "amounts of money as numbers";
    case NumberStyle::boolean:
      return "TRUE as 1 and FALSE as 0";
    case NumberStyle::date:
      return "dates as days since 1970-01-01";
    default:
      return "";
  }
}

std::string count(std::size_t number, const std::string& noun) {
  return counted(static_cast<std::int64_t>(number), noun);
}

void add_lines_left_out(const CsvManner& manner, std::vector<std::string>& parts) {
  if (manner.units > 0) parts.push_back(count(manner.units, "row") + " of units skipped");
  if (manner.headers > 0) parts.push_back(count(manner.headers, "repeated header") + " skipped");
  if (manner.empty_rows > 0) parts.push_back(count(manner.empty_rows, "empty row") + " skipped");
}

/// Columns whose numbers are not plain, by their styles.
void add_styles(const std::vector<std::pair<std::string, NumberStyle>>& styles,
                std::vector<std::string>& parts) {
  std::map<NumberStyle, std::vector<std::string>> columns;
  for (const auto& [name, style] : styles) columns[style].push_back(name);
  for (const auto& [style, names] : columns) {
    parts.push_back(style_text(style) + " (" + listed(names, kNamesShown) + ")");
  }
}

/// What was found of the lines.
std::vector<std::string> lines_text(const CsvReader& reader) {
  const CsvManner& manner = reader.manner();
  std::vector<std::string> parts;
  if (manner.delimiter) {
    parts.push_back(delimiter_text(reader.format().delimiter) + " between fields");
  }
  if (manner.decimal) parts.emplace_back("decimal comma");
  if (manner.utf16) parts.emplace_back("UTF-16");
  if (manner.latin1) parts.emplace_back("names in Latin-1");
  if (manner.carriage_returns) parts.emplace_back("carriage returns between lines");
  if (manner.titles > 0) parts.push_back(count(manner.titles, "title line") + " skipped");
  if (manner.comment) {
    parts.push_back("comments behind " + std::string(1, reader.format().comment));
  }
  if (manner.header_in_comment) parts.emplace_back("names in a comment");
  if (manner.trailing > 0) {
    parts.push_back(count(manner.trailing, "empty field") + " at the end of each line");
  }
  add_lines_left_out(manner, parts);
  return parts;
}

}  // namespace

CsvLike like_table_of(const Model& model, const Arguments& arguments) {
  CsvLike like{model.manner, with_context(model.columns, model)};
  const TableManner plain;
  if (arguments.given("decimal")) like.manner.decimal = plain.decimal;
  if (arguments.given("thousands")) like.manner.thousands = plain.thousands;
  if (arguments.given("comment")) like.manner.comment = plain.comment;
  if (arguments.given("units")) like.manner.units = plain.units;
  if (arguments.given("header")) like.manner.header = plain.header;
  return like;
}

std::string manner_text(const TableManner& manner) {
  std::vector<std::string> parts;
  if (manner.delimiter != ',')
    parts.push_back(delimiter_text(manner.delimiter) + " between fields");
  if (manner.decimal == ',') parts.emplace_back("decimal comma");
  if (manner.thousands != '\0') {
    parts.push_back(std::string(1, manner.thousands) + " between thousands");
  }
  if (manner.titles > 0) parts.push_back(count(manner.titles, "line") + " above the table");
  if (manner.comment != '\0') parts.push_back("comments behind " + std::string(1, manner.comment));
  if (!manner.header) parts.emplace_back("no header");
  if (manner.units > 0) parts.push_back(count(manner.units, "row") + " of units");
  add_styles(manner.styles, parts);
  return joined(parts);
}

void tell_of_manner(const CsvReader& reader) {
  const CsvManner& manner = reader.manner();
  std::vector<std::string> parts = lines_text(reader);
  add_styles(manner.styles, parts);
  if (!manner.marks.empty()) {
    parts.push_back(listed(manner.marks, kNamesShown) + " among numbers for missing");
  }
  if (!parts.empty()) log_info("{}: read as: {}", reader.name(), joined(parts));
}

void tell_of_lines_left_out(const CsvReader& reader) {
  std::vector<std::string> parts;
  add_lines_left_out(reader.manner(), parts);
  if (!parts.empty()) log_info("{}: {}", reader.name(), joined(parts));
}

}  // namespace nflow::app
