#include "nflow/printable.h"

#include <limits>

namespace nflow {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

/// Bytes of the UTF-8 character at the front of `text`; 0 where there is none. Not one are overlong
/// forms, halves of pairs, and what is beyond the last character (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  if (length < 3) return length;
  const unsigned second = byte_at(text, 1);
  const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
  return wrong ? 0 : length;
}

/// Would a terminal act upon this character instead of showing it?
bool is_control(std::string_view character) {
  const unsigned lead = byte_at(character, 0);
  return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && byte_at(character, 1) < 0xa0);
}

void append_escaped(std::string& out, char c) {
  static const char digits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
  }
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text.substr(0, length))) {
      append_escaped(out, text.front());
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string shown(std::string_view text) {
  return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& list, std::string_view separator) {
  std::string text;
  for (const std::string& entry : list) {
    if (&entry != &list.front()) text += separator;
    text += entry;
  }
  return text;
}

std::string joined(const std::vector<std::ptrdiff_t>& numbers, std::string_view separator) {
  std::vector<std::string> list;
  list.reserve(numbers.size());
  for (const std::ptrdiff_t number : numbers) list.push_back(std::to_string(number));
  return joined(list, separator);
}

}  // namespace nflow
