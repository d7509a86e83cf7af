#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace nflow {

/// How a column writes its numbers.
enum class NumberStyle {
  plain,
  fortran,    ///< 1.5D+03
  thousands,  ///< 10,000 in quotes where commas part fields; 10 000; 1'000
  percent,    ///< 12 %, which is read as 12
  currency,   ///< $5
  boolean,    ///< TRUE and FALSE, which are read as 1 and 0
  date        ///< 2020-01-01 or 2020-01-01T12:00:00, read as days since the first of 1970
};

/// What CsvReader found of a file's manner by itself, with CsvFormat::find and find_delimiter.
struct CsvManner {
  bool delimiter = false;          ///< was another one taken?
  bool decimal = false;            ///< was a decimal comma seen?
  bool comment = false;            ///< were lines that begin with # taken for comments?
  bool header_in_comment = false;  ///< did one of them name the columns?
  bool carriage_returns = false;   ///< do lines end in a carriage return alone?
  bool utf16 = false;              ///< is the file in UTF-16?
  bool latin1 = false;             ///< are names of columns in Latin-1?
  std::size_t titles = 0;          ///< lines above the table that were left out
  std::size_t units = 0;           ///< rows of units below the header that were left out
  std::size_t trailing = 0;        ///< empty fields at the end of each line
  std::size_t headers = 0;         ///< repeated headers left out so far
  std::size_t empty_rows = 0;      ///< rows of delimiters alone, left out so far
  /// Columns whose numbers are not plain, by name.
  std::vector<std::pair<std::string, NumberStyle>> styles;
  std::vector<std::string> marks;  ///< texts taken for missing among numbers so far
};

/// How a table is written, for others like it. What nobody says is that of plain CSV with a header.
struct TableManner {
  char delimiter = ',';    ///< or kBlanks
  char decimal = '.';      ///< or a comma
  char thousands = '\0';   ///< a comma or a point that parts thousands; '\0': none is known to
  char comment = '\0';     ///< '\0': there are none
  std::size_t titles = 0;  ///< lines above the table
  std::size_t units = 0;   ///< rows of units below the header
  bool header = true;      ///< are there names of columns?
  /// Columns whose numbers are not plain, by name; amounts of money are not among them.
  std::vector<std::pair<std::string, NumberStyle>> styles = {};

  bool is_plain() const;
};

/// A JSON object with what is not as in plain CSV, as nflow-model(5) has it.
std::string to_json(const TableManner& manner);
/// The inverse. Keys it does not know are left alone. Throws Error where a value cannot be, or
/// nlohmann::json::exception.
TableManner parse_manner(const std::string& json);

/// A table that has been read, for CsvFormat::like.
struct CsvLike {
  TableManner manner;
  std::vector<std::string> names;  ///< of the columns that are wanted of it
};

/// Is it what tables put where nothing is known: #N/A, \N, <NA>, #DIV/0!, N/A, null, ?, . or -?
bool is_missing_mark(const std::string& text);

}  // namespace nflow
