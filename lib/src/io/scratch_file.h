#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace nflow {

/// A file in $TMPDIR, or else in /var/tmp, that has no name: it goes with the process, however that
/// ends. Written behind its end and read anywhere, without maps, so that it takes no address space.
/// Failures throw Error with the system's reason.
class ScratchFile {
 public:
  ScratchFile();
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  static std::string folder();

  void append(const void* data, std::size_t bytes);
  /// Threads may read side by side.
  void read(std::uint64_t begin, void* data, std::size_t bytes) const;
  /// Asks the system to fetch that in the background.
  void will_read(std::uint64_t begin, std::size_t bytes) const;

 private:
  [[noreturn]] void fail() const;

  std::string folder_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace nflow
