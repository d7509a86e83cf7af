#include "nflow/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "nflow/error.h"

namespace nflow {
namespace {

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

InputFile::InputFile(std::string path) : fd_(STDIN_FILENO), owned_(path != "-") {
  name_ = owned_ ? std::move(path) : "standard input";
  if (!owned_) return;
  do {
    fd_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  } while (fd_ < 0 && errno == EINTR);
  if (fd_ < 0) throw Error("cannot open " + name_ + ": " + reason());
}

InputFile::~InputFile() {
  if (owned_) ::close(fd_);
}

std::optional<std::uint64_t> InputFile::size() const {
  struct stat status {};
  if (!owned_ || ::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

void InputFile::seek(std::uint64_t offset) {
  if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) >= 0) return;
  throw Error("cannot read " + name_ + " from another place: " + reason());
}

bool InputFile::wait(int milliseconds) const {
  pollfd request{fd_, POLLIN, 0};
  return ::poll(&request, 1, milliseconds) > 0;
}

bool InputFile::readable() const { return wait(0); }

std::size_t InputFile::read(char* bytes, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(fd_, bytes, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    // Whoever gave us this descriptor may have made it non-blocking.
    if (errno == EAGAIN)
      wait(-1);
    else if (errno != EINTR)
      throw Error("cannot read " + name_ + ": " + reason());
  }
}

void InputFile::read_up_to(std::uint64_t size, std::string& bytes) {
  std::vector<char> chunk(std::size_t{1} << 16);
  while (bytes.size() < size) {
    const std::uint64_t wanted = std::min<std::uint64_t>(chunk.size(), size - bytes.size());
    const std::size_t count = read(chunk.data(), wanted);
    if (count == 0) return;
    bytes.append(chunk.data(), count);
  }
}

}  // namespace nflow
