#include "io/latin1.h"

namespace nflow {
namespace {

// Latin-1 has control characters from 0x80 to 0x9F, which no text uses; Windows has these.
constexpr unsigned kOfWindows[] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_utf8(std::string& out, unsigned code) {
  if (code >= 0x800) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  } else {
    out += static_cast<char>(0xC0 | code >> 6);
  }
  out += static_cast<char>(0x80 | (code & 0x3F));
}

}  // namespace

std::string from_latin1(std::string_view text) {
  std::string converted;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      converted += c;
    } else {
      append_utf8(converted, code < 0xA0 ? kOfWindows[code - 0x80] : code);
    }
  }
  return converted;
}

}  // namespace nflow
