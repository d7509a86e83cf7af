#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv_fields.h"
#include "nflow/csv.h"

namespace nflow {

/// What the first lines of a file say of its manner.
struct CsvBeginning {
  char delimiter = ',';
  char comment = '\0';
  std::size_t titles = 0;    ///< lines above the table
  std::size_t trailing = 0;  ///< empty fields at the end of each record beyond the columns
  std::string header = "";   ///< of a comment that names the columns; empty: there is none
  bool row_names = false;    ///< has the header no name for the first column?
  bool is_data = false;      ///< is the first record no header, though some of it is text?
  bool is_header = false;    ///< is it text throughout, and a number below?
  bool points = false;       ///< are there numbers that cannot have decimal commas?
  bool sure = false;         ///< false: more lines could say otherwise
};

/// Looks at whole lines from the beginning of a file, behind CsvFormat::skip of them, as far as
/// `format` leaves the manner to be found. Where `all`, no more lines can come.
CsvBeginning sniff(std::string_view text, const CsvFormat& format, bool all);

/// The records in a text of whole lines, `most` at most, without blank ones and comments. Each is a
/// view of the text, without its line end; a last one whose quotes stay open is not there.
std::vector<std::string_view> records_in(std::string_view text, char delimiter, char comment,
                                         std::size_t most);

/// The text without so many lines at its front.
std::string_view without_lines(std::string_view text, std::size_t lines);

}  // namespace nflow
