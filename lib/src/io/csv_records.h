#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "io/csv_fields.h"
#include "io/line_source.h"

namespace nflow {

struct Record {
  std::string_view text;    ///< as it stood in the file, without the line end; valid until the next
  std::size_t line = 0;     ///< number of its first line
  std::uint64_t begin = 0;  ///< its first byte's place in the data
  bool has_nul = false;     ///< is a NUL byte in it?
};

/// The records of a CSV file: its lines, joined where quotes hold line ends, without blank ones and
/// comments.
class RecordSource {
 public:
  /// Lines that begin with `comment`, spaces apart, are no records; '\0' is none.
  RecordSource(std::string path, char delimiter, char comment);

  /// From the next record on.
  void set_delimiter(char delimiter);
  void set_comment(char comment) { comment_ = comment; }
  /// Leaves out so many lines, whatever they hold.
  void skip_lines(std::size_t count);
  /// As LineSource::look_ahead.
  std::string_view look_ahead(const std::function<bool(std::string_view)>& enough) {
    return lines_.look_ahead(enough);
  }
  const LineSource& lines() const { return lines_; }
  /// As LineSource::open_next.
  void open_next(std::string path);
  /// As LineSource::next. Throws Error where quotes are never closed.
  Next next(Record& record, bool wait);
  /// In a table of one column a blank line is an empty field, except at the end of the file. From
  /// here on such lines are given too.
  void keep_blank_lines() { keep_blank_lines_ = true; }

  /// Goes, in a file that has a size, to the record that begins at byte `begin`, or to the first
  /// line that begins there or behind.
  void go_to(std::uint64_t begin);
  void find(std::uint64_t begin);
  /// Gives the records alone that begin in bytes [first, last).
  void restrict(std::uint64_t first, std::uint64_t last) {
    first_ = first;
    last_ = last;
  }
  /// Did any record since then have a quote?
  bool quotes_seen() const { return quotes_seen_; }

 private:
  Next next_non_blank(Record& record, bool wait);
  bool is_comment(std::string_view line) const;
  void count_blank(const Line& line);
  void begin_anew();
  [[noreturn]] void fail_unclosed() const;

  LineSource lines_;
  char delimiter_;
  char comment_;
  QuoteState quotes_;
  std::string joined_;  // a record of several lines, as far as it has come
  std::size_t joined_line_ = 0;
  std::uint64_t joined_begin_ = 0;
  bool joined_has_nul_ = false;
  std::uint64_t first_ = 0, last_ = std::numeric_limits<std::uint64_t>::max();
  bool quotes_seen_ = false;

  bool keep_blank_lines_ = false;
  std::size_t blank_count_ = 0;  // blank lines that stand before held_
  std::size_t blank_line_ = 0;   // number of the first of them
  std::uint64_t blank_begin_ = 0;
  bool holding_ = false;
  Record held_;
};

}  // namespace nflow
