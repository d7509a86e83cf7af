#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/decoder.h"
#include "nflow/input_file.h"

namespace nflow {

/// The bytes of a file or pipe; decompressed where it begins as gzip, bzip2, zstd, xz and zip files
/// do, whatever its name, turned to UTF-8 where it is UTF-16, and to CSV where it is an array of
/// numpy.
class UnpackedFile {
 public:
  /// "-" is standard input.
  explicit UnpackedFile(std::string path);

  const std::string& name() const { return file_.name(); }
  /// Would read() return at once?
  bool readable() const { return has_more_ || file_.readable(); }
  /// Reads at most `size` bytes and returns how many: after one read of the file, so perhaps none
  /// yet. Throws Error for data that are damaged or cut short, and for formats that are no text;
  /// what precedes the damage is given first.
  std::size_t read(char* bytes, std::size_t size);
  /// In bytes, of a regular file that was opened by name and is not compressed: all of it can be
  /// read from any place. None before its first bytes were read, which tell.
  std::optional<std::uint64_t> size() const;
  /// Goes to a place in such a file.
  void seek(std::uint64_t offset);
  /// Have all bytes been read?
  bool ended() const { return ended_; }
  /// What the file is by its first bytes, such as "gzip"; empty: plain, or not known yet.
  std::string_view format_name() const { return format_ == nullptr ? "" : format_->name; }

 private:
  void sniff();
  void fill();
  std::size_t copy(char* bytes, std::size_t size);
  std::size_t decode(char* bytes, std::size_t size);
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail_by_decoder() const;

  InputFile file_;
  bool sniffing_ = true;  // is its format not known yet?
  bool file_ended_ = false;
  bool ended_ = false;
  std::unique_ptr<char[]> buffer_;  // of what was read of the file
  std::string_view input_;          // what is left of it
  bool has_more_ = false;           // can more come without a read of the file?
  const FileFormat* format_ = nullptr;
  std::unique_ptr<Decoder> decoder_;
  std::string failure_;   // of the decoder, for the next read()
  bool damaged_ = false;  // is that a damage of the data?
};

}  // namespace nflow
