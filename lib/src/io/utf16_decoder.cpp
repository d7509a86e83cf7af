#include "io/packed_formats.h"

namespace nflow {
namespace {

constexpr std::size_t kLongest = 4;  // bytes of a character in UTF-8

void append_utf8(unsigned long code, char* bytes, std::size_t& size) {
  const auto put = [&](unsigned long byte) { bytes[size++] = static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

class Utf16Decoder : public Decoder {
 public:
  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    Progress progress;
    while (progress.taken < input.size() && progress.given + kLongest <= size) {
      const auto byte = static_cast<unsigned char>(input[progress.taken++]);
      if (!has_first_) {
        first_ = byte;
        has_first_ = true;
        continue;
      }
      has_first_ = false;
      const unsigned unit = little_ ? byte << 8 | first_ : first_ << 8 | byte;
      if (at_mark_) {
        little_ = unit != 0xFEFF;  // so far the bytes were read as the big end first
        at_mark_ = false;
      } else if (!take(unit, bytes, progress.given)) {
        progress.failure = "half of a character of two units";
        return progress;
      }
    }
    return progress;
  }
  bool at_end() const override { return !has_first_ && high_ == 0; }

 private:
  bool take(unsigned unit, char* bytes, std::size_t& given) {
    const bool low = unit >= 0xDC00 && unit < 0xE000;
    if (low != (high_ != 0)) return false;
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
      return true;
    }
    const unsigned long code =
        low ? 0x10000UL + ((high_ - 0xD800UL) << 10) + (unit - 0xDC00) : unit;
    high_ = 0;
    append_utf8(code, bytes, given);
    return true;
  }

  bool at_mark_ = true, little_ = false, has_first_ = false;
  unsigned first_ = 0;
  unsigned high_ = 0;  // the first half of a pair; 0: none
};

}  // namespace

std::unique_ptr<Decoder> make_utf16_decoder() { return std::make_unique<Utf16Decoder>(); }

}  // namespace nflow
