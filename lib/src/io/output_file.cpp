#include "nflow/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "io/new_file.h"
#include "nflow/error.h"

namespace nflow {
namespace {

namespace fs = std::filesystem;

/// The path, and what a chain of symbolic links leads to from there, whether it exists or not.
std::vector<fs::path> chain_of_links(const std::string& path) {
  std::vector<fs::path> chain{path};
  std::error_code error;
  while (chain.size() <= 40 && fs::is_symlink(chain.back(), error)) {
    const fs::path next = fs::read_symlink(chain.back(), error);
    if (error) break;
    chain.push_back(chain.back().parent_path() / next);
  }
  return chain;
}

/// /dev/stdout, and what Linux has it lead to.
bool names_descriptor_1(const fs::path& path) {
  std::error_code error;
  return path == "/dev/stdout" ||
         (path.filename() == "1" && fs::equivalent(path.parent_path(), "/proc/self/fd", error));
}

constexpr int kMillisecondsBetweenLooks = 50;

/// Ends the process as a closed pipe ends cat.
[[noreturn]] void end_by_closed_pipe() {
  remove_unfinished_files();
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_UNBLOCK, &pipe, nullptr);
  ::raise(SIGPIPE);
  ::_exit(128 + SIGPIPE);
}

}  // namespace

bool is_standard_output(const std::string& path) {
  const std::vector<fs::path> chain = chain_of_links(path);
  return path == "-" || std::any_of(chain.begin(), chain.end(), names_descriptor_1);
}

std::string target_of(const std::string& path) { return chain_of_links(path).back().string(); }

bool is_stream(const std::string& path) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  return is_standard_output(path) ||
         (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode));
}

OutputFile::OutputFile(std::string path, std::function<bool()> stop)
    : path_(std::move(path)), stop_(std::move(stop)) {
  if (is_standard_output(path_)) {
    path_ = "standard output";
    fd_ = STDOUT_FILENO;
    owned_ = false;
    return;
  }
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail_to_write(path_, errno);
  if (exists && !S_ISREG(status.st_mode)) {
    open_directly(S_ISFIFO(status.st_mode));
    return;
  }
  file_ = std::make_unique<NewFile>(path_, target_of(path_), exists ? &status : nullptr);
  fd_ = file_->descriptor();
}

OutputFile::~OutputFile() {
  if (fd_ >= 0 && owned_ && !file_) ::close(fd_);
}

/// Throws where the wait is to end, and else waits a little.
void OutputFile::look_up() const {
  if (stop_()) throw Interrupted();
  ::poll(nullptr, 0, kMillisecondsBetweenLooks);
}

/// To open a FIFO takes a reader, and a signal that came just before would not end the wait for
/// one: so we do not wait in the system.
void OutputFile::open_directly(bool is_fifo) {
  const bool looks_up = is_fifo && stop_;
  const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | (looks_up ? O_NONBLOCK : 0);
  while ((fd_ = ::open(path_.c_str(), flags)) < 0) {
    if (errno == ENXIO && looks_up)
      look_up();
    else if (errno != EINTR)
      fail_to_write(path_, errno);
  }
}

/// Whoever gave us this descriptor may have made it non-blocking.
void OutputFile::wait_for_room() const {
  pollfd request{fd_, POLLOUT, 0};
  while (::poll(&request, 1, stop_ ? kMillisecondsBetweenLooks : -1) <= 0) {
    if (stop_ && stop_()) throw Interrupted();
  }
}

void OutputFile::write(std::string_view bytes) {
  // A pipe that has room takes so many at once without keeping us in the system.
  const std::size_t most = stop_ && !file_ ? PIPE_BUF : bytes.size();
  while (!bytes.empty()) {
    if (stop_ && !file_) wait_for_room();
    const ssize_t written = ::write(fd_, bytes.data(), std::min(most, bytes.size()));
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EPIPE)
      end_by_closed_pipe();
    else if (errno == EAGAIN)
      wait_for_room();
    else if (errno != EINTR)
      fail_to_write(path_, errno);
  }
}

void OutputFile::commit() {
  if (file_) {
    file_->put_in_place(true);
    return;
  }
  // Standard output stays open; closing a copy of it tells as much.
  const int fd = owned_ ? std::exchange(fd_, -1) : ::dup(fd_);
  if (fd < 0 || (::close(fd) != 0 && errno != EINTR)) fail_to_write(path_, errno);
}

bool OutputFile::commit_new() { return file_->put_in_place(false); }

void check_output(const std::string& path) {
  // To open a FIFO and close it again would tell its reader that all is over.
  if (is_stream(path) && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0) return;
  const OutputFile begun(path);
}

void write_file(const std::string& path, std::string_view bytes, std::function<bool()> stop) {
  OutputFile file(path, std::move(stop));
  file.write(bytes);
  file.commit();
}

void refuse_terminal(const std::string& path, const std::string& what) {
  if (!is_standard_output(path) || ::isatty(STDOUT_FILENO) != 1) return;
  throw UsageError(what + " is binary and not for a terminal; use -o FILE or a pipe");
}

}  // namespace nflow
