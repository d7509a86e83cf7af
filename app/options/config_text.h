#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nflow::app {

/// One "key = value" of a configuration file.
struct Setting {
  std::string key;
  std::string value;
  std::size_t line = 0;  ///< 1-based; that of the key
};

/// Reads the text of a configuration file: lines "key = value", where blanks around key and value
/// do not count, empty lines, and comments, from a # at the beginning of a line or behind a blank
/// to its end. A value in double quotes is what stands between them, be it blanks, a #, line ends
/// or nothing; "" there is a quote. Any text is read or throws UsageError, which begins with
/// "NAME:LINE: ". What the keys mean is not for it to say.
std::vector<Setting> parse_settings(std::string_view text, const std::string& name);

/// Appends the line that parse_settings() reads back as `key` and `value`.
void append_setting(std::string& out, std::string_view key, std::string_view value);

}  // namespace nflow::app
