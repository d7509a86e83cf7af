#pragma once

#include <sys/stat.h>

#include <string>

namespace nflow {

/// Throws Error: "cannot write PATH: " and the system's reason.
[[noreturn]] void fail_to_write(const std::string& path, int error);

/// The bytes of a file that is not there yet, or that takes the place of one. They have no name
/// until they are whole, where the file system makes such files, and else a temporary one in the
/// folder of the target.
class NewFile {
 public:
  /// Messages call it `path`; `target` is that with symbolic links followed; `replaced` null: there
  /// is no such file.
  NewFile(std::string path, std::string target, const struct stat* replaced);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  int descriptor() const { return fd_; }
  /// Puts the file in its place, on the disk. False where there is one by now that is not to be
  /// replaced; it can then be called again.
  bool put_in_place(bool replaces);

 private:
  void open(unsigned mode);
  void open_named(unsigned mode);
  bool link_to(const std::string& name) const;
  void link_to_temporary();
  void copy_to_named();
  void sync() const;
  bool rename(bool replaces);
  void discard();

  std::string path_, target_;
  std::string temporary_;  // empty: it has no name yet
  int fd_ = -1;
};

}  // namespace nflow
