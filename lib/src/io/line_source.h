#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/unpacked_file.h"

namespace io {
class LineReader;
}

namespace nflow {

/// The mark of UTF-8. Files that were put one behind the other have it inside.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// What a source has when asked for its next item.
enum class Next { item, nothing_yet, end };

struct Line {
  std::string_view text;    ///< without its end; valid until the next line is asked for
  std::string_view ending;  ///< "\n" or "\r\n"; "\n" too for a carriage return alone
  std::size_t number = 0;   ///< 1-based; see LineSource::place
  std::uint64_t begin = 0;  ///< its first byte's place in the data
  bool has_nul = false;     ///< is a NUL byte in it?
};

/// The lines of a file or pipe, each as soon as its newline has arrived. Other files may follow.
///
/// io::LineReader fills a block of 32 MiB before it gives the first line, and takes a short read
/// for the end of the file. So the bytes are read here, as many as there are, cut at the last
/// newline, and each such chunk gets a LineReader of its own. Where carriage returns come before
/// any newline, these end the lines: they are made newlines as they are read.
class LineSource {
 public:
  explicit LineSource(std::string path);
  ~LineSource();

  /// The name of the file that is read now.
  const std::string& name() const { return file_->name(); }
  /// Goes on with another file, behind the end of the one before. Numbers of lines and places in
  /// the data go on too.
  void open_next(std::string path);
  /// Gives the next line. Where it has not arrived yet, waits for it or returns nothing_yet.
  Next next(Line& line, bool wait);
  /// The whole lines, ends included, that are here already behind the last one given. Before the
  /// first one is asked for, reads on until they are `enough` or all; valid until the next one is.
  std::string_view look_ahead(const std::function<bool(std::string_view)>& enough);
  std::string_view lines_here() const;
  bool carriage_returns() const { return carriage_returns_; }
  std::string_view format_name() const { return file_->format_name(); }

  /// In bytes, of a regular file that is not compressed; known from the first line on.
  std::optional<std::uint64_t> size() const { return file_->size(); }
  /// Goes, in such a file, to the line that begins at byte `begin`, or to the first that begins
  /// there or behind. Lines are numbered anew.
  void go_to_line(std::uint64_t begin);
  void find_line(std::uint64_t begin);
  /// Where the next line begins.
  std::uint64_t position() const { return buffer_begin_ + position_ - 1; }
  /// Bytes of the data up to where it was read; behind the last line, all.
  std::uint64_t bytes_read() const { return bytes_read_; }
  /// "a.csv:17" for a line of that number, counted in its own file. After find_line() it counts the
  /// lines before.
  std::string place(std::size_t number) const;

 private:
  bool take_line(Line& line);
  void read_some();
  std::size_t lines_before(std::uint64_t begin) const;
  void find_carriage_returns(std::string_view fresh);
  void make_room();
  void make_room_behind();
  std::size_t read_behind();
  void start_chunk(std::size_t end);
  [[noreturn]] void fail(const std::string& what) const;

  /// A file whose lines are over.
  struct Finished {
    std::string name;
    std::size_t last_line;
  };

  std::optional<UnpackedFile> file_;
  std::vector<Finished> finished_;
  std::unique_ptr<char[]> buffer_;  // a newline, the chunk, the beginning of the next one
  std::size_t capacity_ = 0;
  std::size_t size_ = 1;       // bytes of the buffer in use
  std::size_t chunk_end_ = 1;  // behind the chunk's last newline
  std::size_t position_ = 1;   // of the line that comes next
  std::size_t lines_ = 0;      // lines given so far
  std::uint64_t start_ = 0;    // where the line of number 1 begins
  std::uint64_t buffer_begin_ = 0, bytes_read_ = 0;
  bool at_start_ = true;  // was no chunk started yet?
  bool carriage_returns_ = false;
  std::unique_ptr<io::LineReader> reader_;
};

}  // namespace nflow
