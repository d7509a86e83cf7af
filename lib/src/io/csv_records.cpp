#include "io/csv_records.h"

#include <utility>

#include "nflow/error.h"

namespace nflow {
namespace {

// A stray quote would otherwise draw the rest of a large file into memory.
constexpr std::size_t kLongestRecord = std::size_t{1} << 24;

}  // namespace

RecordSource::RecordSource(std::string path, char delimiter, char comment)
    : lines_(std::move(path)), delimiter_(delimiter), comment_(comment), quotes_(delimiter) {}

void RecordSource::set_delimiter(char delimiter) {
  delimiter_ = delimiter;
  quotes_ = QuoteState(delimiter);
}

void RecordSource::skip_lines(std::size_t count) {
  Line line;
  while (count-- > 0 && lines_.next(line, true) == Next::item) {
  }
}

void RecordSource::fail_unclosed() const {
  throw Error(lines_.place(quotes_.opening_line()) + ": the quote that opens here is never closed");
}

void RecordSource::open_next(std::string path) {
  lines_.open_next(std::move(path));
  begin_anew();
}

void RecordSource::go_to(std::uint64_t begin) {
  lines_.go_to_line(begin);
  begin_anew();
}

void RecordSource::find(std::uint64_t begin) {
  lines_.find_line(begin);
  begin_anew();
}

void RecordSource::begin_anew() {
  quotes_ = QuoteState(delimiter_);
  quotes_seen_ = holding_ = false;
  blank_count_ = 0;
}

/// `line` begins with no space.
bool RecordSource::is_comment(std::string_view line) const {
  return comment_ != '\0' && line.front() == comment_;
}

Next RecordSource::next(Record& record, bool wait) {
  while (!holding_) {
    const Next got = next_non_blank(held_, wait);
    if (got != Next::item) return got;
    holding_ = held_.begin >= first_;
  }
  if (blank_count_ > 0) {
    --blank_count_;
    record = {{}, blank_line_++, blank_begin_, false};
    return Next::item;
  }
  if (held_.begin >= last_) return Next::end;
  record = held_;
  holding_ = false;
  return Next::item;
}

void RecordSource::count_blank(const Line& line) {
  if (!keep_blank_lines_ || line.begin < first_ || line.begin >= last_) return;
  if (blank_count_++ > 0) return;
  blank_line_ = line.number;
  blank_begin_ = line.begin;
}

/// The next record that is not blank; counts the blank lines before it if they are wanted.
Next RecordSource::next_non_blank(Record& record, bool wait) {
  for (;;) {
    Line line;
    const Next got = lines_.next(line, wait);
    if (got == Next::end && quotes_.open()) fail_unclosed();
    if (got != Next::item) return got;

    const bool continued = quotes_.open();
    if (!continued) {
      const std::string_view text = trim(line.text, delimiter_);
      if (text.empty()) {
        count_blank(line);
        continue;
      }
      if (is_comment(text)) continue;
    }
    const bool has_quote = line.text.find('"') != std::string_view::npos;
    quotes_seen_ = quotes_seen_ || has_quote;
    const bool goes_on = has_quote ? quotes_.goes_on_after(line.text, line.number) : continued;
    if (!continued && !goes_on) {
      record = {line.text, line.number, line.begin, line.has_nul};
      return Next::item;
    }
    if (!continued) {
      joined_.clear();
      joined_line_ = line.number;
      joined_begin_ = line.begin;
      joined_has_nul_ = false;
    }
    joined_ += line.text;
    joined_has_nul_ = joined_has_nul_ || line.has_nul;
    if (!goes_on) {
      record = {joined_, joined_line_, joined_begin_, joined_has_nul_};
      return Next::item;
    }
    joined_ += line.ending;
    if (joined_.size() > kLongestRecord) fail_unclosed();
  }
}

}  // namespace nflow
