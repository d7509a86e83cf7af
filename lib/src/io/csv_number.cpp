#include "io/csv_number.h"

#include <locale.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "io/csv_fields.h"
#include "nflow/csv.h"

namespace nflow {
namespace {

/// strtod follows the user's locale, where a comma may be the decimal point.
locale_t c_locale() {
  static const locale_t locale = ::newlocale(LC_ALL_MASK, "C", locale_t{});
  return locale;
}

bool is_na(std::string_view text) {
  return text.size() == 2 && (text[0] == 'N' || text[0] == 'n') &&
         (text[1] == 'A' || text[1] == 'a');
}

/// What old C libraries of Windows write for numbers that are none.
NumberParser::Kind kind_of_odd(std::string_view text) {
  if (text.front() == '-') text.remove_prefix(1);
  if (text.substr(0, 3) != "1.#") return NumberParser::Kind::text;
  text.remove_prefix(3);
  if (text == "INF") return NumberParser::Kind::infinite;
  const bool none = text == "IND" || text == "QNAN" || text == "SNAN";
  return none ? NumberParser::Kind::missing : NumberParser::Kind::text;
}

}  // namespace

NumberParser::NumberParser(std::vector<std::string> na_tokens, char decimal)
    : na_tokens_(std::move(na_tokens)), decimal_(decimal) {
  for (std::string& token : na_tokens_) {
    token = trim(token);
    double value = 0;
    if (!token.empty() && to_double(token, value)) na_numbers_.push_back(value);
  }
}

NumberParser::Kind NumberParser::parse(std::string_view text, double& value) {
  text = trim(text);
  // First, since a token may look like a number: -999.
  if (!na_tokens_.empty() &&
      std::find(na_tokens_.begin(), na_tokens_.end(), text) != na_tokens_.end())
    return Kind::missing;
  if (text.empty() || is_na(text)) return Kind::missing;
  if (decimal_ != '.' && !with_point(text)) return Kind::text;
  if (!to_double(text, value)) return kind_of_odd(text);
  if (!na_numbers_.empty() &&
      std::find(na_numbers_.begin(), na_numbers_.end(), value) != na_numbers_.end())
    return Kind::missing;
  if (std::isfinite(value)) return Kind::number;
  return std::isnan(value) ? Kind::missing : Kind::infinite;
}

bool NumberParser::is_missing(std::string_view text) {
  text = trim(text);
  const bool may_be = text.empty() || !na_tokens_.empty() ||
                      std::string_view("+-1nN").find(text.front()) != std::string_view::npos;
  double ignored = 0;
  return may_be && parse(text, ignored) == Kind::missing;
}

/// Puts a point in place of the decimal mark. False where there is one already, which may be meant
/// to part the thousands.
bool NumberParser::with_point(std::string_view& text) {
  if (text.find('.') != std::string_view::npos) return false;
  const std::size_t mark = text.find(decimal_);
  if (mark == std::string_view::npos) return true;
  pointed_ = text;
  pointed_[mark] = '.';
  text = pointed_;
  return true;
}

bool NumberParser::to_double(std::string_view text, double& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return true;
  return to_double_slowly(text, value);
}

/// What from_chars leaves to strtod: a leading plus, hexadecimal, overflow to infinity, underflow.
bool NumberParser::to_double_slowly(std::string_view text, double& value) {
  // Not any other white space, which strtod would skip.
  if (std::string_view("+-.0123456789iInN").find(text.front()) == std::string_view::npos)
    return false;
  terminated_ = text;
  char* stop = nullptr;
  value = ::strtod_l(terminated_.c_str(), &stop, c_locale());
  return stop == terminated_.c_str() + terminated_.size();
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {  // whatever its sign, which says nothing
    out += "nan";
    return;
  }
  char digits[32];  // the longest double has 24
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, result.ptr);
}

void append_number(std::string& out, double value, char delimiter, char decimal) {
  if (decimal == '.') return append_number(out, value);
  std::string text = number_text(value);
  std::replace(text.begin(), text.end(), '.', decimal);
  append_field(out, text, delimiter);
}

std::string number_text(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

void append_field(std::string& out, std::string_view field, char delimiter) {
  const bool spaces_outside = trim(field).size() != field.size();
  const bool plain = !field.empty() && !spaces_outside &&
                     field.find_first_of("\"\r\n") == std::string_view::npos &&
                     field.find(delimiter) == std::string_view::npos;
  if (plain) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace nflow
