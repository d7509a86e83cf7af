#pragma once

#include <string>
#include <string_view>

namespace nflow {

/// A file that appears whole or not at all, or standard output.
///
/// A file is written under a temporary name in its own folder; commit() flushes, syncs, renames it
/// and syncs the folder. Without commit() (an exception, SIGINT, SIGTERM, SIGHUP) the temporary
/// file goes and a former file of that name stays as it was. A target that is not a regular file
/// (/dev/null, a FIFO) is written directly. All failures throw Error with the system's reason.
class OutputFile {
 public:
  /// "-" is standard output.
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void commit();

  /// Is this standard output, and is standard output a terminal?
  bool is_terminal() const;

 private:
  std::string path_;
  std::string temporary_;  // empty when writing directly
  int fd_ = -1;
};

}  // namespace nflow
