#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "nflow/error.h"

namespace nflow {
namespace {

constexpr std::size_t kLine = 160;      // bytes of a name or value, in quotation marks or not
constexpr std::size_t kPath = 500;      // bytes of a file's name, which is rather shown whole
constexpr std::size_t kMessage = 1500;  // bytes in all
constexpr std::size_t kTail = 400;      // of these at the end, where advice stands
constexpr std::string_view kCut = "...";

bool goes_on_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// As many whole characters from the front as fit into `size` bytes.
std::string_view front(std::string_view text, std::size_t size) {
  while (size > 0 && size < text.size() && goes_on_character(text[size])) --size;
  return text.substr(0, size);
}

std::string_view back(std::string_view text, std::size_t size) {
  std::size_t begin = text.size() - std::min(size, text.size());
  while (begin < text.size() && goes_on_character(text[begin])) ++begin;
  return text.substr(begin);
}

void append_cut(std::string& out, std::string_view text, std::size_t limit) {
  if (text.size() <= limit) {
    out += text;
  } else {
    (out += front(text, limit - kCut.size())) += kCut;
  }
}

bool is_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// Goes through a message once, piece by piece: what is quoted, words, and what is between them.
class Shortener {
 public:
  explicit Shortener(std::string_view text) : text_(text) {}

  std::string result() {
    std::string out;
    while (at_ < text_.size()) {
      const std::size_t end = end_of_quote();
      if (end != text_.npos) {
        out += text_[at_];
        append_cut(out, text_.substr(at_ + 1, end - at_ - 1), kLine);
        out += text_[end];
        at_ = end + 1;
      } else {
        append_word(out);
      }
    }
    return out;
  }

 private:
  /// Where the quotation that begins here ends; npos where none does. An apostrophe has letters on
  /// both sides, a mark of quotation only inside.
  std::size_t end_of_quote() {
    const std::size_t kind = kMarks.find(text_[at_]);
    if (kind == kMarks.npos || unclosed_[kind] || (at_ > 0 && is_letter(text_[at_ - 1]))) {
      return text_.npos;
    }
    std::size_t end = text_.find(kMarks[kind], at_ + 1);
    while (end != text_.npos && end + 1 < text_.size() && is_letter(text_[end + 1])) {
      end = text_.find(kMarks[kind], end + 1);
    }
    unclosed_[kind] = end == text_.npos;  // nor will it be found from further on
    return end;
  }

  void append_word(std::string& out) {
    const std::size_t end = std::min(text_.find_first_of(" ,'\"", at_ + 1), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    append_cut(out, word, word.find('/') == word.npos ? kLine : kPath);
    at_ = end;
  }

  static constexpr std::string_view kMarks = "'\"";
  std::string_view text_;
  std::size_t at_ = 0;
  std::array<bool, 2> unclosed_{};
};

}  // namespace

std::string brief(std::string_view message) {
  if (message.size() <= kLine) return std::string(message);
  std::string text = Shortener(message).result();
  if (text.size() <= kMessage) return text;
  std::string out(front(text, kMessage - kTail - kCut.size()));
  return (out += kCut) += back(text, kTail);
}

}  // namespace nflow
