#include "options/config_text.h"

#include <algorithm>
#include <utility>

#include "nflow/error.h"
#include "nflow/printable.h"

namespace nflow::app {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Where a comment begins in the rest of a line, or its end.
std::size_t comment_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && (i == 0 || is_blank(text[i - 1]))) return i;
  }
  return text.size();
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& name) : rest_(text), name_(name) {
    if (rest_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
      rest_.remove_prefix(kByteOrderMark.size());
    }
  }

  std::vector<Setting> settings() {
    std::vector<Setting> list;
    for (; !rest_.empty(); ++line_) {
      const std::string_view line = take_line();
      const std::string_view text = trimmed(line.substr(0, comment_in(line)));
      if (!text.empty()) list.push_back(setting(line));
    }
    return list;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw UsageError(name_ + ":" + std::to_string(line_) + ": " + what);
  }

  std::string_view take_line() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  Setting setting(std::string_view line) {
    const std::size_t equals = line.substr(0, comment_in(line)).find('=');
    const std::string_view key = trimmed(line.substr(0, equals));
    if (equals == line.npos || key.empty()) {
      refuse("found '" + printable(trimmed(line)) + "', expected key = value");
    }
    Setting result{std::string(key), "", line_};
    std::string_view value = line.substr(equals + 1);
    while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
    if (!value.empty() && value.front() == '"') {
      result.value = quoted(value.substr(1));
      return result;
    }
    result.value = trimmed(value.substr(0, comment_in(value)));
    if (result.value.empty()) {
      refuse("no value for '" + printable(key) + "'; an empty one is \"\", and one that begins " +
             "with # stands in quotes");
    }
    return result;
  }

  /// A value from behind its first quote; it may go on in the lines that follow.
  std::string quoted(std::string_view line) {
    const std::size_t first = line_;
    std::string value;
    for (;;) {
      const std::size_t quote = line.find('"');
      value += line.substr(0, quote);
      if (quote == line.npos) {
        if (rest_.empty()) break;
        value += '\n';
        line = take_line();
        ++line_;
        continue;
      }
      line.remove_prefix(quote + 1);
      if (line.empty() || line.front() != '"') {
        const std::string_view behind = trimmed(line.substr(0, comment_in(line)));
        if (!behind.empty()) refuse("found '" + printable(behind) + "' behind a quoted value");
        return value;
      }
      value += '"';
      line.remove_prefix(1);
    }
    line_ = first;
    refuse("a quoted value that does not end");
  }

  std::string_view rest_;  // from the next line on
  const std::string& name_;
  std::size_t line_ = 1;
};

bool needs_quotes(std::string_view value) {
  return value.empty() || value.front() == '"' || trimmed(value).size() != value.size() ||
         value.find('\n') != value.npos || comment_in(value) != value.size();
}

}  // namespace

std::vector<Setting> parse_settings(std::string_view text, const std::string& name) {
  return Reader(text, name).settings();
}

void append_setting(std::string& out, std::string_view key, std::string_view value) {
  out.append(key).append(" = ");
  if (!needs_quotes(value)) {
    out.append(value).append("\n");
    return;
  }
  out += '"';
  for (const char c : value) out.append(c == '"' ? 2 : 1, c);
  out += "\"\n";
}

}  // namespace nflow::app
