#include "plot/gnuplot.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "nflow/error.h"

namespace nflow::app {
namespace {

[[noreturn]] void fail(int error) {
  if (error == ENOENT) {
    throw Error("pictures are drawn by gnuplot, which is not installed: try 'apt install gnuplot'");
  }
  throw Error(std::string("gnuplot cannot be run: ") + std::strerror(error));
}

/// A file in memory without a name. Script and picture each fill one, so that neither side waits
/// for the other.
class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("nflow-plot", MFD_CLOEXEC)) {
    if (fd_ < 0) fail(errno);
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return fd_; }

  void write(const std::string& text) const {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(fd_, text.data() + done, text.size() - done);
      if (n < 0 && errno != EINTR) fail(errno);
      if (n > 0) done += static_cast<std::size_t>(n);
    }
    ::lseek(fd_, 0, SEEK_SET);
  }

  std::string read() const {
    ::lseek(fd_, 0, SEEK_SET);
    std::string text;
    std::vector<char> piece(1 << 16);
    for (;;) {
      const ssize_t n = ::read(fd_, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(errno);
      if (n == 0) return text;
      text.append(piece.data(), static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;
};

/// The environment without what would change how gnuplot draws or counts.
std::vector<char*> plain_environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool dropped =
        std::strncmp(*entry, "LC_", 3) == 0 || std::strncmp(*entry, "LANG", 4) == 0 ||
        std::strncmp(*entry, "GNUPLOT_", 8) == 0 || std::strncmp(*entry, "GNUTERM=", 8) == 0;
    if (!dropped) kept.push_back(*entry);
  }
  static char utf8[] = "LC_CTYPE=C.UTF-8";
  kept.push_back(utf8);
  kept.push_back(nullptr);
  return kept;
}

int wait_for(::pid_t process) {
  int state = 0;
  while (::waitpid(process, &state, 0) < 0) {
    if (errno != EINTR) fail(errno);
  }
  return state;
}

/// A pipe through which a child tells why it could not become another program.
struct Report {
  Report() {
    if (::pipe2(ends, O_CLOEXEC) != 0) fail(errno);
  }
  ~Report() {
    for (const int end : ends) ::close(end);
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  int ends[2];
};

/// The child's part, between fork and exec. It ends with nflow, however that ends. nflow's own ways
/// with signals are none of a child's.
void become_gnuplot(const std::array<int, 3>& streams, char* const* environment, ::pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  for (int i = 0; i < 3; ++i) {
    if (::dup2(streams[static_cast<std::size_t>(i)], i) < 0) return;
  }
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_DFL);
  // -d: without the settings of the system and the user.
  char name[] = "gnuplot", defaults[] = "-d", input[] = "-";
  char* const words[] = {name, defaults, input, nullptr};
  ::execvpe(name, words, environment);
}

::pid_t start_gnuplot(const std::array<int, 3>& streams) {
  const std::vector<char*> environment = plain_environment();
  Report report;
  const ::pid_t parent = ::getpid(), process = ::fork();
  if (process < 0) fail(errno);
  if (process == 0) {
    become_gnuplot(streams, environment.data(), parent);
    const int error = errno;
    const ssize_t told = ::write(report.ends[1], &error, sizeof error);
    ::_exit(told == sizeof error ? 1 : 2);
  }
  ::close(std::exchange(report.ends[1], -1));
  int error = 0;
  ssize_t told = 0;
  do {
    told = ::read(report.ends[0], &error, sizeof error);
  } while (told < 0 && errno == EINTR);
  if (told != sizeof error) return process;
  wait_for(process);
  fail(error);
}

/// gnuplot points at the place of a fault in lines of its own; the last line says what it is.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t end = text.rfind('\n');
  return end == text.npos ? text : text.substr(end + 1);
}

}  // namespace

std::string run_gnuplot(const std::string& script) {
  std::signal(SIGCHLD, SIG_DFL);  // who started us may ignore it, and then there is no waiting
  const MemoryFile in, out, err;
  in.write(script);
  const ::pid_t process = start_gnuplot({in.descriptor(), out.descriptor(), err.descriptor()});
  const int state = wait_for(process);
  std::string picture = out.read();
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0 || picture.empty()) {
    const std::string why = last_line(err.read());
    if (why.find("unknown or ambiguous terminal") != why.npos) {
      throw Error("this gnuplot cannot draw such a picture (" + why + "); try .svg");
    }
    throw Error("gnuplot failed" + (why.empty() ? "" : ": " + why));
  }
  return picture;
}

}  // namespace nflow::app
