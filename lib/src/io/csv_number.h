#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nflow {

/// Reads the text of fields as numbers.
class NumberParser {
 public:
  enum class Kind { number, missing, infinite, text };

  /// `na_tokens`: spellings of missing beside "", NA and NaN. `decimal`: the decimal mark.
  explicit NumberParser(std::vector<std::string> na_tokens, char decimal = '.');

  /// Says what `text` is, and sets `value` where it is a number. Spaces around it do not matter.
  Kind parse(std::string_view text, double& value);
  /// Would parse() say missing? It takes less where the answer is no.
  bool is_missing(std::string_view text);
  char decimal() const { return decimal_; }

 private:
  bool with_point(std::string_view& text);
  bool to_double(std::string_view text, double& value);
  bool to_double_slowly(std::string_view text, double& value);

  std::vector<std::string> na_tokens_;
  std::vector<double> na_numbers_;  // those of the tokens that are numbers, however they are spelt
  char decimal_;
  std::string pointed_;     // a text with a point in place of the decimal mark
  std::string terminated_;  // strtod wants a NUL behind its text
};

}  // namespace nflow
