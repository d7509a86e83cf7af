#include "options/values.h"

#include <algorithm>
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

/// "1000000" for "1e6", "1500" for "1.5e3": what stands for a whole number as it is written out;
/// any other text as it is.
std::string written_out(std::string_view text) {
  const std::size_t mark = text.find_first_of("eE");
  if (mark == text.npos || mark == 0) return std::string(text);
  const std::string_view number = text.substr(0, mark);
  std::string_view power = text.substr(mark + 1);
  if (power.substr(0, 1) == "+") power.remove_prefix(1);
  std::size_t zeros = 0;
  const auto [stop, problem] = std::from_chars(power.data(), power.data() + power.size(), zeros);
  if (problem != std::errc() || stop != power.data() + power.size() || zeros > 30) {
    return std::string(text);
  }
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string digits(number.substr(0, point));
  std::string decimals(number.substr(std::min(point + 1, number.size())));
  while (!decimals.empty() && decimals.back() == '0') decimals.pop_back();
  if (decimals.size() > zeros || digits.empty()) return std::string(text);
  digits += decimals + std::string(zeros - decimals.size(), '0');
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
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

/// Seconds alone: 10, 0.5.
bool read_seconds(std::string_view text, double& seconds) {
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  return problem == std::errc() && stop == end && std::isfinite(seconds);
}

/// A whole number of at most `most` at the front of `text`, and the mark behind it, both taken off.
bool take_part(std::string_view& text, char mark, double most, double& part) {
  const std::size_t size = std::min(text.find(mark), text.size());
  const std::string_view own = text.substr(0, size);
  const bool digits = !own.empty() && own.size() <= 6 &&
                      own.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return false;
  std::from_chars(own.data(), own.data() + own.size(), part);
  text.remove_prefix(std::min(size + 1, text.size()));
  return part <= most;
}

/// HH:MM:SS, and D-HH:MM:SS as queues have it. What has one colon may be either and is neither.
bool read_clock(std::string_view text, double& seconds) {
  if (std::count(text.begin(), text.end(), ':') != 2 || text.back() == ':') return false;
  double days = 0, hours = 0, minutes = 0, rest = 0;
  const bool has_days = text.find('-') != text.npos;
  const double most = 999999;
  if (has_days && !take_part(text, '-', most, days)) return false;
  if (!take_part(text, ':', has_days ? 23 : most, hours)) return false;
  if (!take_part(text, ':', 59, minutes) || !take_part(text, '\0', 59, rest)) return false;
  seconds = 86400 * days + 3600 * hours + 60 * minutes + rest;
  return true;
}

}  // namespace

std::uint64_t parse_count(const std::string& option, std::string_view text, std::uint64_t min,
                          std::uint64_t max) {
  std::uint64_t value = 0;
  const std::string digits = written_out(text);
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, value);
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
  const std::string wanted = "a duration such as 90, 90s, 3h30m or 03:30:00";
  double whole = 0, total = 0;
  if (read_seconds(text, whole) || read_clock(text, whole)) {
    if (!(whole > 0)) refuse(option, text, wanted);
    return whole;
  }
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
