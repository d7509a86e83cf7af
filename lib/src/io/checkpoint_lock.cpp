#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "nflow/checkpoint.h"
#include "nflow/error.h"
#include "nflow/output_file.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

constexpr std::chrono::seconds kPatience{2};

/// Is that one file?
bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool same_file(int one, int other) {
  struct stat a {
  }, b{};
  return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && same_file(a, b);
}

bool leads_to(const std::string& path, int fd) {
  struct stat a {
  }, b{};
  return ::stat(path.c_str(), &a) == 0 && ::fstat(fd, &b) == 0 && same_file(a, b);
}

/// The process whose lock keeps us out, from a line such as "3: FLOCK  ADVISORY  WRITE 721 fe:00:42
/// 0 EOF" in /proc/locks; empty where that tells of none, as on another machine.
std::string holder_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return "";
  char place[64];
  std::snprintf(place, sizeof place, "%02x:%02x:%llu", major(status.st_dev), minor(status.st_dev),
                static_cast<unsigned long long>(status.st_ino));
  std::ifstream locks("/proc/locks");
  for (std::string number, kind, advisory, mode, process, at, rest;
       locks >> number >> kind >> advisory >> mode >> process >> at && std::getline(locks, rest);) {
    if (kind == "FLOCK" && at == place) return process;
  }
  return "";
}

/// Waits a while: a process that was killed a moment ago lets its lock go when it has ended.
bool lock(int fd) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return true;  // the file system has no locks
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace

CheckpointLock::CheckpointLock(std::string path) : path_(std::move(path)) {}

CheckpointLock::~CheckpointLock() { hold(-1); }

void CheckpointLock::hold(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

/// A file that is replaced while we lock it is not the one that we want.
bool CheckpointLock::take() {
  for (;;) {
    const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == EINTR) continue;
    if (fd < 0) {
      const bool missing = errno == ENOENT;
      hold(-1);
      return !missing;  // to write it will tell what is wrong with it
    }
    if (fd_ >= 0 && same_file(fd, fd_)) {
      ::close(fd);
      return true;
    }
    if (!lock(fd)) refuse(fd);
    hold(fd);
    if (leads_to(path_, fd)) return true;
  }
}

void CheckpointLock::refuse(int fd) const {
  const std::string process = holder_of(fd);
  ::close(fd);
  throw Error(printable(path_, 4096) + ": " +
              (process.empty() ? "another process" : "process " + process) +
              " keeps the checkpoint of its training there; wait for it, or name another file");
}

void CheckpointLock::commit(OutputFile& file) {
  // Locked before it has its name, so that there is no moment for another process.
  const int next = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
  if (next >= 0) ::flock(next, LOCK_EX | LOCK_NB);
  try {
    bool placed = false;
    while (!placed) {
      if (take()) {
        file.commit();
        placed = true;
      } else {
        placed = file.commit_new();
      }
    }
  } catch (...) {
    if (next >= 0) ::close(next);
    throw;
  }
  hold(next);
}

}  // namespace nflow
