#include "io/new_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "io/temporary_files.h"
#include "nflow/error.h"

namespace nflow {
namespace {

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

/// What leads to a file without a name.
std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

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

void fail_to_write(const std::string& path, int error) {
  throw Error("cannot write " + path + ": " + std::generic_category().message(error));
}

NewFile::NewFile(std::string path, std::string target, const struct stat* replaced)
    : path_(std::move(path)), target_(std::move(target)) {
  if (target_.empty() || target_.back() == '/') {
    fail_to_write(path_, target_.empty() ? ENOENT : EISDIR);
  }
  // A rename would replace a file that is write-protected.
  if (replaced && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) {
    fail_to_write(path_, errno);
  }
  open(replaced ? 0600 : 0666);
  if (!replaced || take_place(fd_, *replaced)) return;
  discard();
  open(0666);
}

NewFile::~NewFile() { discard(); }

void NewFile::discard() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget_on_signal(temporary_);
  temporary_.clear();
}

/// Without a name, if it can be, so that not even SIGKILL leaves any of it.
void NewFile::open(unsigned mode) {
  fd_ = ::open(folder_of(target_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (fd_ >= 0 && ::access(path_of(fd_).c_str(), F_OK) == 0) return;
  discard();
  open_named(mode);
}

void NewFile::open_named(unsigned mode) {
  const SignalPause pause;
  std::string name;
  do {
    name = temporary_name(target_);
    fd_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  } while (fd_ < 0 && (errno == EEXIST || errno == EINTR));
  if (fd_ < 0) fail_to_write(path_, errno);
  temporary_ = std::move(name);
  remove_on_signal(temporary_);
}

/// errno tells why not.
bool NewFile::link_to(const std::string& name) const {
  return ::linkat(AT_FDCWD, path_of(fd_).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

/// A link cannot replace a file, but a rename can.
void NewFile::link_to_temporary() {
  const SignalPause pause;
  std::string name = temporary_name(target_);
  while (!link_to(name)) {
    if (errno != EEXIST) return;
    name = temporary_name(target_);
  }
  temporary_ = std::move(name);
  remove_on_signal(temporary_);
}

/// Not every file system, nor every guard of one, gives a name to a file that has none.
void NewFile::copy_to_named() {
  const int nameless = std::exchange(fd_, -1);
  struct stat status {};
  ::fstat(nameless, &status);
  ssize_t count = 1;
  int error = 0;
  try {
    open_named(0600);
    ::lseek(nameless, 0, SEEK_SET);
    while (count > 0 || (count < 0 && errno == EINTR)) {
      count = ::sendfile(fd_, nameless, nullptr, std::size_t{1} << 24);
    }
    error = count < 0 ? errno : 0;
  } catch (const Error&) {
    ::close(nameless);
    throw;
  }
  ::close(nameless);
  if (error != 0) fail_to_write(path_, error);
  take_place(fd_, status);
  sync();
}

/// Network file systems may tell of a failed write only here, or when the file is closed.
void NewFile::sync() const {
  if (::fsync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP) fail_to_write(path_, errno);
}

bool NewFile::rename(bool replaces) {
  const unsigned flags = replaces ? 0 : RENAME_NOREPLACE;
  const char *from = temporary_.c_str(), *to = target_.c_str();
  bool done = ::renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) == 0;
  if (!done && !replaces && errno == EEXIST) return false;
  done = done || ::rename(from, to) == 0;  // not every file system knows of flags
  if (!done) fail_to_write(path_, errno);
  forget_on_signal(temporary_);
  temporary_.clear();
  return true;
}

bool NewFile::put_in_place(bool replaces) {
  if (fd_ >= 0) sync();
  if (temporary_.empty()) {
    const bool linked = link_to(target_);
    if (!linked && !replaces && errno == EEXIST) return false;
    if (!linked) link_to_temporary();
    if (!linked && temporary_.empty()) copy_to_named();
  }
  if (fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0 && errno != EINTR) {
    fail_to_write(path_, errno);
  }
  if (!temporary_.empty() && !rename(replaces)) return false;
  sync_folder(folder_of(target_));
  return true;
}

}  // namespace nflow
