#include "options/values.h"

#include <charconv>
#include <cmath>

#include "nflow/csv.h"
#include "nflow/error.h"

namespace nflow::app {
namespace {

[[noreturn]] void refuse(const std::string& option, std::string_view text,
                         const std::string& wanted) {
  throw UsageError(option + ": '" + std::string(text) + "' is not " + wanted);
}

double seconds_of(char unit) {
  switch (unit) {
    case 'd':
      return 86400;
    case 'h':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

}  // namespace

std::uint64_t parse_count(const std::string& option, std::string_view text, std::uint64_t min,
                          std::uint64_t max) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem == std::errc::result_out_of_range && stop == end) {
    refuse(option, text, "at most " + std::to_string(max));
  }
  const bool negative = text.size() > 1 && text[0] == '-' &&
                        text.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!negative && (problem != std::errc() || stop != end)) refuse(option, text, "a whole number");
  if (negative || value < min) refuse(option, text, "at least " + std::to_string(min));
  if (value > max) refuse(option, text, "at most " + std::to_string(max));
  return value;
}

double parse_real(const std::string& option, std::string_view text, Range range) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stop != end || !std::isfinite(value)) {
    refuse(option, text, "a number");
  }
  if (value < range.low || (range.low_open && value == range.low)) {
    refuse(option, text, (range.low_open ? "more than " : "at least ") + number_text(range.low));
  }
  if (value > range.high || (range.high_open && value == range.high)) {
    refuse(option, text, (range.high_open ? "less than " : "at most ") + number_text(range.high));
  }
  return value;
}

double parse_duration(const std::string& option, std::string_view text) {
  const std::string wanted = "a duration such as 90s, 20m or 3h30m";
  double total = 0;
  double last_unit = std::numeric_limits<double>::infinity();  // units go from large to small
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    double value = 0;
    const auto [stop, problem] = std::from_chars(at, end, value, std::chars_format::fixed);
    if (problem != std::errc() || stop == end || !(value >= 0)) refuse(option, text, wanted);
    const double unit = seconds_of(*stop);
    if (unit == 0 || unit >= last_unit) refuse(option, text, wanted);
    total += value * unit;
    last_unit = unit;
    at = stop + 1;
  }
  if (!(total > 0) || !std::isfinite(total)) refuse(option, text, wanted);
  return total;
}

std::uint64_t parse_size(const std::string& option, std::string_view text) {
  const std::string wanted = "a size such as 512M or 1.5G";
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (problem != std::errc() || end - stop > 1) refuse(option, text, wanted);
  const std::string_view units = "KMGT";
  const std::size_t unit = stop == end ? 0 : units.find(*stop) + 1;
  if (stop != end && unit == 0) refuse(option, text, wanted);
  const double bytes = std::ldexp(value, static_cast<int>(10 * unit));
  if (!(bytes >= 1 && bytes <= std::ldexp(1.0, 62))) refuse(option, text, wanted);
  return static_cast<std::uint64_t>(bytes);
}

char parse_mark(const std::string& option, std::string_view text) {
  if (text == "\\t" || text == "tab") return '\t';
  const bool letter_of_numbers =
      text.size() == 1 && (std::isalnum(static_cast<unsigned char>(text[0])) ||
                           std::string_view("+-.\"\r\n").find(text[0]) != std::string_view::npos);
  if (text.size() != 1 || text[0] == '\0' || letter_of_numbers) {
    refuse(option, text, "one character that no number has, such as ';' or '\\t'");
  }
  return text[0];
}

char parse_delimiter(const std::string& option, std::string_view text) {
  return text == "blanks" ? kBlanks : parse_mark(option, text);
}

char parse_decimal(const std::string& option, std::string_view text) {
  if (text != "." && text != ",") refuse(option, text, "a point or a comma");
  return text[0];
}

}  // namespace nflow::app
