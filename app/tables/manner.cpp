#include "tables/manner.h"

#include <map>
#include <string>
#include <vector>

#include "nflow/printable.h"
#include "report/log.h"

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
  if (manner.comment) parts.emplace_back("comments behind #");
  if (manner.header_in_comment) parts.emplace_back("names in a comment");
  if (manner.trailing > 0) {
    parts.push_back(count(manner.trailing, "empty field") + " at the end of each line");
  }
  add_lines_left_out(manner, parts);
  return parts;
}

}  // namespace

void tell_of_manner(const CsvReader& reader) {
  const CsvManner& manner = reader.manner();
  std::vector<std::string> parts = lines_text(reader);
  std::map<NumberStyle, std::vector<std::string>> columns;
  for (const auto& [name, style] : manner.styles) columns[style].push_back(name);
  for (const auto& [style, names] : columns) {
    parts.push_back(style_text(style) + " (" + listed(names, kNamesShown) + ")");
  }
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
