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
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "io/temporary_files.h"
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

/// The folder of a file, to be opened or to put a name behind.
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "./" : path.substr(0, slash + 1);
}

std::string random_letters() {
  static const std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device source;
  std::uniform_int_distribution<std::size_t> pick(0, letters.size() - 1);
  std::string out;
  for (int i = 0; i < 6; ++i) out += letters[pick(source)];
  return out;
}

/// A new name beside `target`: .NAME.XXXXXX, with NAME cut where the whole would be too long.
std::string temporary_name(const std::string& target) {
  const std::string folder = folder_of(target);
  const std::string name = target.substr(target.rfind('/') + 1);
  return folder + "." + name.substr(0, NAME_MAX - 8) + "." + random_letters();
}

/// Whoever gave us this descriptor may have made it non-blocking.
void wait_for_room(int fd) {
  pollfd request{fd, POLLOUT, 0};
  ::poll(&request, 1, -1);
}

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

/// Gives a new file the owner, the group and the permissions of the one that it replaces; false
/// where it cannot have that owner. Never more than permissions to read, write and execute: with
/// the bits to set a user or group, new bytes would run with an old right.
bool take_place(int fd, const struct stat& replaced) {
  struct stat now {};
  if (::fstat(fd, &now) != 0) return true;
  if (now.st_uid != replaced.st_uid && ::fchown(fd, replaced.st_uid, replaced.st_gid) != 0) {
    return false;
  }
  mode_t mode = replaced.st_mode & 0777;
  const auto none = static_cast<uid_t>(-1);
  if (now.st_uid == replaced.st_uid && now.st_gid != replaced.st_gid &&
      ::fchown(fd, none, replaced.st_gid) != 0) {
    mode &= 0707 | (mode & 07) << 3;  // another group gets no more than all others
  }
  // Some file systems have no permissions to set.
  if (::fchmod(fd, mode) != 0) errno = 0;
  return true;
}

/// The file is in place by then, so a folder that cannot be opened or synced is no failure.
void sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

bool is_standard_output(const std::string& path) {
  const std::vector<fs::path> chain = chain_of_links(path);
  return path == "-" || std::any_of(chain.begin(), chain.end(), names_descriptor_1);
}

std::string target_of(const std::string& path) { return chain_of_links(path).back().string(); }

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (is_standard_output(path_)) {
    path_ = "standard output";
    fd_ = STDOUT_FILENO;
    owned_ = false;
    return;
  }
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail(errno);
  if (exists && !S_ISREG(status.st_mode))
    open_directly();
  else
    create_temporary(exists ? &status : nullptr);
}

OutputFile::~OutputFile() { discard(); }

void OutputFile::discard() {
  if (owned_ && fd_ >= 0) ::close(std::exchange(fd_, -1));
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget_on_signal(temporary_);
  temporary_.clear();
}

void OutputFile::fail(int error) const {
  throw Error("cannot write " + path_ + ": " + std::generic_category().message(error));
}

void OutputFile::open_directly() {
  do {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } while (fd_ < 0 && errno == EINTR);
  if (fd_ < 0) fail(errno);
}

void OutputFile::create_temporary(const struct stat* replaced) {
  target_ = target_of(path_);
  if (target_.empty() || target_.back() == '/') fail(target_.empty() ? ENOENT : EISDIR);
  // A rename would replace a file that is write-protected.
  if (replaced && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) fail(errno);
  open_temporary(replaced ? 0600 : 0666);
  if (!replaced || take_place(fd_, *replaced)) return;
  discard();
  open_temporary(0666);
}

void OutputFile::open_temporary(unsigned mode) {
  const SignalPause pause;
  std::string name;
  do {
    name = temporary_name(target_);
    fd_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  } while (fd_ < 0 && (errno == EEXIST || errno == EINTR));
  if (fd_ < 0) fail(errno);
  temporary_ = std::move(name);
  remove_on_signal(temporary_);
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EPIPE)
      end_by_closed_pipe();
    else if (errno == EAGAIN)
      wait_for_room(fd_);
    else if (errno != EINTR)
      fail(errno);
  }
}

/// Network file systems may tell of a failed write only here.
void OutputFile::sync_and_close() {
  // What is written directly may be a pipe or a device, which cannot be synced.
  if (!temporary_.empty() && ::fsync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP) fail(errno);
  // Standard output stays open; closing a copy of it tells as much.
  const int fd = owned_ ? std::exchange(fd_, -1) : ::dup(fd_);
  if (fd < 0 || (::close(fd) != 0 && errno != EINTR)) fail(errno);
}

void OutputFile::commit() {
  sync_and_close();
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  forget_on_signal(temporary_);
  temporary_.clear();
  sync_folder(folder_of(target_));
}

void check_output(const std::string& path) {
  // To open a FIFO and close it again would tell its reader that all is over.
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0) return;
  }
  const OutputFile begun(path);
}

void write_file(const std::string& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.commit();
}

void refuse_terminal(const std::string& path, const std::string& what) {
  if (!is_standard_output(path) || ::isatty(STDOUT_FILENO) != 1) return;
  throw UsageError(what + " is binary and not for a terminal; use -o FILE or a pipe");
}

}  // namespace nflow
