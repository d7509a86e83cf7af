#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace nflow {

/// A file or pipe open for reading. Failures throw Error with the system's reason.
class InputFile {
 public:
  /// "-" is standard input.
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// For messages; "standard input" for "-".
  const std::string& name() const { return name_; }
  /// In bytes, of a regular file that was opened by name: all of it can be read from any place.
  std::optional<std::uint64_t> size() const;
  /// Goes to a place in such a file.
  void seek(std::uint64_t offset);
  /// Would read() return at once, with bytes or the end of the file?
  bool readable() const;
  /// Waits until there are bytes, reads at most `size` of them, and returns how many; 0 at the end.
  std::size_t read(char* bytes, std::size_t size);
  /// Reads on behind `bytes` until there are `size` of them, or fewer where the file ends.
  void read_up_to(std::uint64_t size, std::string& bytes);

 private:
  bool wait(int milliseconds) const;

  std::string name_;
  int fd_;
  bool owned_;
};

}  // namespace nflow
