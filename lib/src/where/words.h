#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nflow {

/// A word of a condition's text.
struct ConditionWord {
  enum class Kind { end, number, name, label, mark };

  Kind kind = Kind::end;
  std::string text;       // a name or label without its quotes; a mark such as "&&"
  double value = 0;       // of a number
  std::size_t place = 0;  // its first byte
  bool quoted = false;    // a name in quotes is no function
};

/// Reads the words of a condition one by one.
class ConditionWords {
 public:
  explicit ConditionWords(std::string_view text) : text_(text) {}

  /// The next word. Throws UsageError.
  ConditionWord next();
  /// Throws UsageError: "at character 7, '&&': " and what is wrong.
  [[noreturn]] void refuse(const ConditionWord& word, const std::string& what) const;

 private:
  ConditionWord number();
  ConditionWord name();
  ConditionWord quoted(char quote);
  ConditionWord mark();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace nflow
