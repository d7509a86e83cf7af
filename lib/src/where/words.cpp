#include "where/words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "nflow/error.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

using Kind = ConditionWord::Kind;

bool is_digit(char c) { return '0' <= c && c <= '9'; }

/// Bytes of UTF-8 beyond ASCII are letters.
bool begins_name(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The longer ones first.
constexpr std::array<std::string_view, 17> kMarks{"&&", "||", "==", "!=", "<=", ">=", "<", ">", "!",
                                                  "+",  "-",  "*",  "/",  "^",  "(",  ")", ","};

}  // namespace

ConditionWord ConditionWords::next() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (at_ == text_.size()) return {Kind::end, "", 0, at_, false};
  const char c = text_[at_];
  const bool point = c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
  if (is_digit(c) || point) return number();
  if (begins_name(c)) return name();
  if (c == '\'' || c == '"' || c == '`') return quoted(c);
  return mark();
}

void ConditionWords::refuse(const ConditionWord& word, const std::string& what) const {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const std::string_view before = text_.substr(0, word.place);
  const auto number = 1 + std::count_if(before.begin(), before.end(), begins);
  const std::string found =
      word.kind == Kind::end ? "the end" : "'" + printable(text_.substr(word.place), 24) + "'";
  throw UsageError("at character " + std::to_string(number) + ", " + found + ": " + what);
}

ConditionWord ConditionWords::number() {
  ConditionWord word{Kind::number, "", 0, at_, false};
  const char* end = text_.data() + text_.size();
  const auto read = std::from_chars(text_.data() + at_, end, word.value);
  const auto length = static_cast<std::size_t>(read.ptr - (text_.data() + at_));
  at_ += length;
  if (read.ec == std::errc::result_out_of_range) refuse(word, "no double holds such a number");
  if (read.ec != std::errc{} || (at_ < text_.size() && begins_name(text_[at_]))) {
    refuse(word, "a name that begins with a digit stands in backticks or double quotes");
  }
  return word;
}

ConditionWord ConditionWords::name() {
  const std::size_t begin = at_;
  const auto belongs = [](char c) { return begins_name(c) || is_digit(c) || c == '.'; };
  while (at_ < text_.size() && belongs(text_[at_])) ++at_;
  return {Kind::name, std::string(text_.substr(begin, at_ - begin)), 0, begin, false};
}

ConditionWord ConditionWords::quoted(char quote) {
  ConditionWord word{quote == '\'' ? Kind::label : Kind::name, "", 0, at_, true};
  for (++at_;; ++at_) {
    if (at_ == text_.size()) refuse(word, "this quote is never closed");
    if (text_[at_] != quote) {
      word.text += text_[at_];
    } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
      word.text += text_[at_++];
    } else {
      ++at_;
      return word;
    }
  }
}

ConditionWord ConditionWords::mark() {
  for (const std::string_view mark : kMarks) {
    if (text_.substr(at_, mark.size()) != mark) continue;
    const ConditionWord word{Kind::mark, std::string(mark), 0, at_, false};
    at_ += mark.size();
    return word;
  }
  const ConditionWord word{Kind::mark, "", 0, at_, false};
  switch (text_[at_]) {
    case '=':
      refuse(word, "== compares");
    case '&':
      refuse(word, "&& is for both of two conditions");
    case '|':
      refuse(word, "|| is for either of two conditions");
    default:
      refuse(word, "no such sign is known here");
  }
}

}  // namespace nflow
