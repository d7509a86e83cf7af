#include "io/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "io/temporary_files.h"
#include "nflow/error.h"
#include "nflow/printable.h"

namespace nflow {
namespace {

/// Not every file system makes files without names; a name is then gone as soon as it is there.
int open_nameless(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  const SignalPause pause;
  std::string path = folder + "/nflow-rows-XXXXXX";
  const int named = ::mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(path.c_str());
  return named;
}

/// All of them, where the system may take fewer at a time; false where it fails.
template <class Transfer>
bool transfer(std::size_t bytes, Transfer part) {
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t count = part(done);
    if (count == 0) errno = EIO;  // the end of the file, which is longer
    if (count == 0 || (count < 0 && errno != EINTR)) return false;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

std::string ScratchFile::folder() {
  const char* name = std::getenv("TMPDIR");
  return name && *name ? name : "/var/tmp";
}

ScratchFile::ScratchFile() : folder_(folder()), fd_(open_nameless(folder_)) {
  if (fd_ < 0) fail();
}

ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

void ScratchFile::fail() const {
  throw Error("cannot keep the table's rows in a file in " + printable(folder_, 4096) + ": " +
              std::generic_category().message(errno) +
              "; TMPDIR can name a folder with room for them");
}

void ScratchFile::append(const void* data, std::size_t bytes) {
  const bool done = transfer(bytes, [&](std::size_t at) {
    return ::pwrite(fd_, static_cast<const char*>(data) + at, bytes - at,
                    static_cast<off_t>(size_ + at));
  });
  if (!done) fail();
  size_ += bytes;
}

void ScratchFile::read(std::uint64_t begin, void* data, std::size_t bytes) const {
  const bool done = transfer(bytes, [&](std::size_t at) {
    return ::pread(fd_, static_cast<char*>(data) + at, bytes - at, static_cast<off_t>(begin + at));
  });
  if (!done) fail();
}

void ScratchFile::will_read(std::uint64_t begin, std::size_t bytes) const {
  ::posix_fadvise(fd_, static_cast<off_t>(begin), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
}

}  // namespace nflow
