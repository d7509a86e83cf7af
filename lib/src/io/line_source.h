#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "io/unpacked_file.h"

namespace io {
class LineReader;
}

namespace nflow {

/// What a source has when asked for its next item.
enum class Next { item, nothing_yet, end };

struct Line {
  std::string_view text;    ///< without its end; valid until the next line is asked for
  std::string_view ending;  ///< "\n" or "\r\n"
  std::size_t number = 0;   ///< 1-based
  bool has_nul = false;     ///< is a NUL byte in it?
};

/// The lines of a file or pipe, each as soon as its newline has arrived.
///
/// io::LineReader fills a block of 32 MiB before it gives the first line, and takes a short read
/// for the end of the file. So the bytes are read here, as many as there are, cut at the last
/// newline, and each such chunk gets a LineReader of its own.
class LineSource {
 public:
  explicit LineSource(std::string path);
  ~LineSource();

  const std::string& name() const { return file_.name(); }
  /// Gives the next line. Where it has not arrived yet, waits for it or returns nothing_yet.
  Next next(Line& line, bool wait);

 private:
  bool take_line(Line& line);
  void read_some();
  void make_room();
  void start_chunk(std::size_t end);
  [[noreturn]] void fail(const std::string& what) const;

  UnpackedFile file_;
  std::unique_ptr<char[]> buffer_;  // a newline, the chunk, the beginning of the next one
  std::size_t capacity_ = 0;
  std::size_t size_ = 1;       // bytes of the buffer in use
  std::size_t chunk_end_ = 1;  // behind the chunk's last newline
  std::size_t position_ = 1;   // of the line that comes next
  std::size_t lines_ = 0;      // lines given so far
  bool at_start_ = true;       // was no chunk started yet?
  std::unique_ptr<io::LineReader> reader_;
};

}  // namespace nflow
