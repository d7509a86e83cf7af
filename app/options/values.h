#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace nflow::app {

// Strict readers of option values: the whole text must be the value. `option` ("--epochs") is for
// the UsageError that they throw otherwise.

/// A whole number without sign, min <= number <= max; 1e6 is one.
std::uint64_t parse_count(const std::string& option, std::string_view text, std::uint64_t min,
                          std::uint64_t max);

/// Bounds of a real option; an open end is not itself allowed.
struct Range {
  double low = -std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::max();
  bool low_open = false;
  bool high_open = false;
};

inline constexpr Range kPositive{0, Range().high, true, false};
inline constexpr Range kNotNegative{0, Range().high, false, false};

/// A finite number in `range`.
double parse_real(const std::string& option, std::string_view text, Range range);

/// Seconds of a duration such as 90s, 20m, 3h30m or 1d12h, or of 90 (seconds), 03:30:00 or
/// 1-12:00:00; more than zero.
double parse_duration(const std::string& option, std::string_view text);

/// Bytes of a size such as 512M or 1.5G: K, M, G and T are powers of 1024; at least one.
std::uint64_t parse_size(const std::string& option, std::string_view text);

/// One character that no number has; \t and "tab" stand for the tabulator.
char parse_mark(const std::string& option, std::string_view text);

/// Such a character, or kBlanks for the word blanks.
char parse_delimiter(const std::string& option, std::string_view text);

/// A point or a comma.
char parse_decimal(const std::string& option, std::string_view text);

}  // namespace nflow::app
