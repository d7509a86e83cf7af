#pragma once

#include <cstddef>
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
  /// Would read() return at once, with bytes or the end of the file?
  bool readable() const;
  /// Waits until there are bytes, reads at most `size` of them, and returns how many; 0 at the end.
  std::size_t read(char* bytes, std::size_t size);

 private:
  bool wait(int milliseconds) const;

  std::string name_;
  int fd_;
  bool owned_;
};

}  // namespace nflow
