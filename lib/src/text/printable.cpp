#include "nflow/printable.h"

#include <algorithm>
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

/// The number of the character, which is a good one.
unsigned code_point(std::string_view character) {
  const unsigned lead = byte_at(character, 0);
  if (character.size() == 1) return lead;
  unsigned code = lead & (0xffu >> (character.size() + 1));
  for (std::size_t i = 1; i < character.size(); ++i)
    code = code << 6 | (byte_at(character, i) & 63);
  return code;
}

/// The control characters of ASCII and of Latin-1.
bool is_control(unsigned code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

/// What has a terminal show a text in another order, or breaks a line: the marks of direction.
bool is_direction(unsigned code) {
  return code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

/// Would a terminal act upon this character instead of showing it?
bool is_acted_upon(std::string_view character) {
  const unsigned code = code_point(character);
  return is_control(code) || is_direction(code);
}

/// Would a reader not see it? Joiners are left to the scripts that use
/// them.
bool is_invisible(std::string_view character) {
  const unsigned code = code_point(character);
  return code == 0xad || code == 0x200b || code == 0x2060 || code == 0xfeff;
}

constexpr char digits[] = "0123456789abcdef";

/// As JSON escapes a character of 16 bits.
void append_code(std::string& out, unsigned code) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15];
}

void append_escaped(std::string& out, char c) {
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
    if (length == 0 || is_acted_upon(text.substr(0, length))) {
      append_escaped(out, text.front());
      text.remove_prefix(1);
    } else if (is_invisible(text.substr(0, length))) {
      append_code(out, code_point(text.substr(0, length)));
      text.remove_prefix(length);
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

bool has_controls(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(code_point(text.substr(0, length)))) return true;
    text.remove_prefix(length);
  }
  return false;
}

std::string shown_json(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const std::size_t length = utf8_length(json);
    const std::string_view character = json.substr(0, std::max<std::size_t>(length, 1));
    const bool beyond_json = length > 0 && byte_at(character, 0) >= 0x7f;
    if (beyond_json && is_acted_upon(character)) {
      append_code(out, code_point(character));
    } else {
      out += character;
    }
    json.remove_prefix(character.size());
  }
  return out;
}

std::string shown(std::string_view text) {
  return printable(text, std::numeric_limits<std::size_t>::max());
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& names, std::size_t most) {
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    shown.push_back(printable(names[i]));
  }
  const std::size_t more = names.size() - shown.size();
  return joined(shown) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
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
