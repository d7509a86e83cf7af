#pragma once

#include <string>
#include <string_view>

struct stat;

namespace nflow {

/// A file that appears whole or not at all, or standard output, where is_standard_output().
///
/// A file is written under a temporary name in its own folder; commit() syncs it, renames it and
/// syncs the folder. Without commit() (an exception, SIGINT, SIGTERM, SIGHUP) the temporary file
/// goes and a former file of that name stays as it was. A signal that the program ignores or has a
/// handler for is left to it. The new file has the owner, the group and the permissions of the one
/// it replaces, but for the bits that set a user or group; where the system does not let it have
/// that owner, the permissions of a new file. A symbolic link stays one. A target that is not a
/// regular file (/dev/null, a FIFO) is written directly. All failures throw Error with the system's
/// reason; but when the reader of a pipe has gone, the process ends quietly by SIGPIPE, even where
/// that is ignored.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Passes the bytes on at once: collect small pieces first.
  void write(std::string_view bytes);
  /// Call once, behind the last write().
  void commit();

 private:
  void open_directly();
  void create_temporary(const struct stat* replaced);
  void open_temporary(unsigned mode);
  void discard();
  void sync_and_close();
  [[noreturn]] void fail(int error) const;

  std::string path_;       // for messages
  std::string target_;     // path_ with symbolic links followed
  std::string temporary_;  // empty when writing directly
  int fd_ = -1;
  bool owned_ = true;  // is the descriptor ours to close?
};

/// Is an output of that name standard output? "-", /dev/stdout, /dev/fd/1 and links to them are.
bool is_standard_output(const std::string& path);

/// The file that an output of that name is: symbolic links followed, whether it exists or not.
std::string target_of(const std::string& path);

/// All of a file at once.
void write_file(const std::string& path, std::string_view bytes);

/// Throws UsageError where an output of that name is a terminal: `what`, such as "a model", is
/// binary.
void refuse_terminal(const std::string& path, const std::string& what);

/// Throws Error where an OutputFile of that name could not be begun. For work that takes hours
/// before it writes; an OutputFile held so long would leave its temporary file behind when killed.
void check_output(const std::string& path);

/// Removes the temporary files of all OutputFiles. For a process about to end; safe in a signal
/// handler.
void remove_unfinished_files();

}  // namespace nflow
