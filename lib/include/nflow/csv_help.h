#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "nflow/error.h"

namespace nflow {

/// What may help where a table cannot be read as it is. It is a value, and no text, since only the
/// caller knows how its users ask for it. Each kind says which of the values below it has.
struct CsvHelp {
  enum class Kind {
    none,
    comment,      ///< the first line begins with `mark`, as a comment does: CsvFormat::comment
    comment_row,  ///< so does a record that has another number of fields than the table
    other_count,  ///< a record has another number: set_reject() goes on without it; where it is the
                  ///< `first_row`, lines above may be no part of the table: CsvFormat::skip
    short_header,  ///< all first records have the same other number: the header lacks names, or
                   ///< lines above it are no part of the table
    no_table,      ///< the first records are prose, of one number of fields and another
    delimiter,     ///< `mark` parts the line or the field better: CsvFormat::delimiter
    blanks,       ///< they part thousands where the delimiter is a comma; kBlanks makes more fields
    decimal,      ///< the field is a number where `mark` is CsvFormat::decimal
    comma,        ///< the field is the number `text` where `mark` is CsvFormat::decimal, `joined`
                  ///< where it is CsvFormat::thousands
    thousands,    ///< the field is a number with marks between its thousands, which are not read
    stray_quote,  ///< the field goes on in the next line
    missing,      ///< a value is: CsvFormat::missing; `columns` has the column where the first row
                  ///< misses it and there are others
    mark_for_missing,  ///< the field, `text`, may be one: CsvFormat::na_tokens
    text_columns,      ///< `columns` that are read as numbers are text in the first row
    other_style,       ///< the first rows write the column's numbers in another way
    not_missing        ///< the column had marks for missing values before, and this is none
  };
  struct Column {
    std::size_t place;  ///< 0-based
    std::string name;   ///< empty where another column has it too
  };

  Kind kind = Kind::none;
  char mark = '\0';
  std::string text = {}, joined = {};
  bool first_row = false;
  std::vector<Column> columns = {};
  /// The field's column, where all of it may be labels: one of CsvColumn::either. Else empty.
  std::string label_column = {};

  bool empty() const { return kind == Kind::none; }
};

/// A record that cannot be used. The text says why, and nothing of what may help.
class CsvError : public Error {
 public:
  CsvError(const std::string& message, CsvHelp help) : Error(message), help_(std::move(help)) {}

  const CsvHelp& help() const { return help_; }

 private:
  CsvHelp help_;
};

}  // namespace nflow
