#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nflow {

// The delimiter is a character or kBlanks. Quotes as RFC 4180 has them: they open where a field
// begins, spaces apart, and a doubled quote inside stands for one. A quote further on in a field
// that does not begin with one is text.

/// Spaces and tabs around a field do not belong to it.
std::string_view trim(std::string_view text, char delimiter = ',');

/// Follows the quotes of a record that may go on over several lines.
class QuoteState {
 public:
  explicit QuoteState(char delimiter) : delimiter_(delimiter) {}

  /// Takes in the record's next line. Does the record go on behind it?
  bool goes_on_after(std::string_view line, std::size_t number);
  /// Are we inside quotes?
  bool open() const { return open_; }
  /// Where they opened.
  std::size_t opening_line() const { return opening_line_; }

 private:
  std::size_t behind_delimiter(std::string_view line, std::size_t at) const;

  char delimiter_;
  bool open_ = false;
  std::size_t opening_line_ = 0;
};

/// A view of one field of a record.
struct Field {
  std::string_view text;  ///< without the spaces around it and without the outer quotes
  bool quoted = false;
};

/// Cuts a whole record into fields, the first kMaxCsvFields + 1 where it has more. Returns false
/// where text follows a closing quote: `fields` then ends with that field.
bool split_record(std::string_view record, char delimiter, std::vector<Field>& fields);

/// What the field says: doubled quotes undone.
std::string field_value(const Field& field);

}  // namespace nflow
