#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/csv_fields.h"
#include "io/csv_number.h"
#include "nflow/csv.h"

namespace nflow {

// What may help where a record or a field cannot be used; an empty one where nothing would.

/// The delimiter that parts a record better than one which makes so many fields of it: tab, ;, | or
/// comma, where that is one field; or one of them that leaves numbers with decimal commas. NUL
/// where there is none.
char other_delimiter(std::string_view record, std::size_t fields);

/// Records of which the first has another number of fields than the columns are, and those behind
/// it, as far as they are here.
struct OddRecords {
  std::vector<std::string_view> texts;
  std::size_t columns;
  std::size_t before;  ///< records that went before
  bool in_first_row;
};
/// Behind the first row it may be a line that is none; in it, what was taken for the header may be
/// a title, or lack names. Or all of it is prose. What the first line of the file says,
/// `first_line`, goes before all but prose.
CsvHelp count_help(const OddRecords& records, const CsvHelp& first_line, const CsvFormat& format);

/// Is it a number with a decimal comma, and not perhaps one with a mark between thousands?
bool is_decimal_comma(std::string_view text);

/// Is it a number with a decimal point, and not perhaps one with points between thousands?
bool is_decimal_point(std::string_view text);

/// For a record that `own` makes one field of, empty ones at its end apart, and another delimiter
/// would make more of.
CsvHelp delimiter_help(std::string_view record, char own);

/// For a first record that begins like a comment.
CsvHelp comment_help(std::string_view record, const CsvFormat& format);

/// A field that is no number, as the help sees it.
struct BadField {
  std::string text;
  NumberParser::Kind kind;
  std::size_t column;  ///< 0-based
  /// In the first row of the table, all columns to be read whose fields are text; else empty.
  std::vector<std::size_t> text_columns;
  bool in_first_row;
  bool may_be_label = false;  ///< of a column of either kind
};
CsvHelp field_help(const BadField& field, const std::vector<std::string>& names,
                   const CsvFormat& format);

/// Is the text a number, or several, to a decimal mark, a mark between thousands or, where all the
/// table is one column, a delimiter that the format does not have?
bool has_other_marks(const std::string& text, bool one_column, const CsvFormat& format);

}  // namespace nflow
