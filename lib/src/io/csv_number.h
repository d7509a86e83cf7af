#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nflow {

/// Reads the text of fields as numbers.
class NumberParser {
 public:
  enum class Kind { number, missing, infinite, text };

  /// `na_tokens`: spellings of missing beside "", NA and NaN.
  explicit NumberParser(std::vector<std::string> na_tokens);

  /// Says what `text` is, and sets `value` where it is a number. Spaces around it do not matter.
  Kind parse(std::string_view text, double& value);

 private:
  bool to_double(std::string_view text, double& value);
  bool to_double_slowly(std::string_view text, double& value);

  std::vector<std::string> na_tokens_;
  std::string terminated_;  // strtod wants a NUL behind its text
};

}  // namespace nflow
