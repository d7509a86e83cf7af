#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace nflow {

class NewFile;

/// A file that appears whole or not at all, or standard output, where is_standard_output().
///
/// A file has no name until it is whole: commit() syncs it, gives it its name and syncs the folder.
/// Without commit() (an exception, a signal, SIGKILL even) it goes and a former file of that name
/// stays as it was. Where the file system makes no files without names, it is written under a
/// temporary name in its own folder, which SIGKILL leaves behind. A signal that the program ignores
/// or has a handler for is left to it. The new file has the owner, the group and the permissions of
/// the one it replaces, but for the bits that set a user or group; where the system does not let it
/// have that owner, the permissions of a new file. A symbolic link stays one. A target that is not
/// a regular file (/dev/null, a FIFO) is written directly. All failures throw Error with the
/// system's reason; but when the reader of a pipe has gone, the process ends quietly by SIGPIPE,
/// even where that is ignored.
class OutputFile {
 public:
  /// `stop`, where given, is asked while nothing can be written: a FIFO has no reader yet, or a
  /// reader does not read. True ends the wait with Interrupted.
  explicit OutputFile(std::string path, std::function<bool()> stop = {});
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Passes the bytes on at once: collect small pieces first.
  void write(std::string_view bytes);
  /// Call once, behind the last write().
  void commit();
  /// The same for a file; but where there is one of that name by now, it stays, and the answer is
  /// false. commit() can still replace it then.
  bool commit_new();
  /// The file until commit(): open for reading and writing.
  int descriptor() const { return fd_; }

 private:
  void open_directly(bool is_fifo);
  void wait_for_room() const;
  void look_up() const;

  std::string path_;  // for messages
  std::function<bool()> stop_;
  std::unique_ptr<NewFile> file_;  // null when writing directly
  int fd_ = -1;
  bool owned_ = true;  // is the descriptor ours to close?
};

/// Is an output of that name standard output? "-", /dev/stdout, /dev/fd/1 and links to them are.
bool is_standard_output(const std::string& path);

/// The file that an output of that name is: symbolic links followed, whether it exists or not.
std::string target_of(const std::string& path);

/// Does an output of that name keep nothing that could be read again: a pipe, a device, standard
/// output?
bool is_stream(const std::string& path);

/// All of a file at once; `stop` as in OutputFile.
void write_file(const std::string& path, std::string_view bytes, std::function<bool()> stop = {});

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
