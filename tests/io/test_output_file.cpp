#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "io/scratch_folder.h"
#include "nflow/error.h"
#include "nflow/output_file.h"

using nflow::Error;
using nflow::OutputFile;

namespace {

/// From now on a call whose third argument has one of these bits fails in this process, as it does
/// on file systems that know it not; no bits: whatever its arguments.
void deny(long call, unsigned bits, int error) {
  const auto load = [](std::size_t at) {
    return sock_filter(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(at)));
  };
  const auto deny = static_cast<unsigned>(SECCOMP_RET_ERRNO | error);
  const unsigned char allowed = bits == 0 ? 0 : 1;  // rules to skip where no bit is set
  sock_filter rules[] = {
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 3),
      load(offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t)),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, allowed),
      BPF_STMT(BPF_RET | BPF_K, deny),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{sizeof rules / sizeof *rules, rules};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    throw Error("no filter of system calls");
  }
}

// The kernel's own bit of O_TMPFILE, which has that of O_DIRECTORY too.
constexpr unsigned kNameless = O_TMPFILE & ~O_DIRECTORY;

bool has_nameless_files(const ScratchFolder& folder) {
  const int fd = ::open(folder.path("").c_str(), O_TMPFILE | O_RDWR, 0600);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

/// A function that says no, until it has been asked so often.
std::function<bool()> after(int times) {
  return [times, asked = 0]() mutable { return ++asked > times; };
}

/// Runs `body` in a child process and returns how that ended, as waitpid tells it. The status is 0
/// where `body` returns and 1 where it throws.
int in_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int code = 0;
    try {
      body();
    } catch (const std::exception&) {
      code = 1;
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

bool ended_by(int status, int signal) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

std::pair<uid_t, gid_t> owner_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return {status.st_uid, status.st_gid};
}

std::string error_of(const std::string& path) {
  try {
    OutputFile file(path);
    file.write("x");
    file.commit();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("output file: appears at commit, whole") {
    const ScratchFolder folder;
    {
      OutputFile file(folder.path("out.csv"));
      CHECK_NOTHROW(nflow::refuse_terminal(folder.path("out.csv"), "it"));
      file.write("one,");
      file.write("");
      file.write("two\n");
      CHECK_FALSE(std::filesystem::exists(folder.path("out.csv")));
      file.commit();
      CHECK(folder.read("out.csv") == "one,two\n");
    }
    CHECK(folder.read("out.csv") == "one,two\n");
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("output file: without commit all is as before") {
    const ScratchFolder folder;
    folder.write("out.csv", "old");
    {
      OutputFile file(folder.path("out.csv"));
      file.write("new");
    }
    CHECK(folder.read("out.csv") == "old");
    { OutputFile file(folder.path("other.csv")); }
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("output file: permissions are the umask's or those of the file replaced") {
    const ScratchFolder folder;
    const mode_t before = ::umask(027);
    CHECK(error_of(folder.path("new")) == "");
    CHECK(mode_of(folder.path("new")) == 0640);
    folder.write("old", "old");
    REQUIRE(::chmod(folder.path("old").c_str(), 0604) == 0);
    CHECK(error_of(folder.path("old")) == "");
    ::umask(before);
    CHECK(folder.read("old") == "x");
    CHECK(mode_of(folder.path("old")) == 0604);
  }

  TEST_CASE("output file: no new bytes run with the rights of the file replaced") {
    const ScratchFolder folder;
    folder.write("tool", "old");
    REQUIRE(::chmod(folder.path("tool").c_str(), 07755) == 0);
    CHECK(error_of(folder.path("tool")) == "");
    CHECK(mode_of(folder.path("tool")) == 0755);
  }

  TEST_CASE("output file: a stranger's file stays the stranger's, where the system lets it") {
    if (::geteuid() != 0) return;
    const ScratchFolder folder;
    const std::string path = folder.write("tool", "old");
    constexpr uid_t stranger = 12345, other = 54321;
    const auto prepare = [&](mode_t mode) {
      REQUIRE(::chown(path.c_str(), stranger, stranger) == 0);
      REQUIRE(::chmod(path.c_str(), mode) == 0);
    };
    prepare(04755);
    CHECK(error_of(path) == "");
    CHECK(owner_of(path) == std::make_pair(stranger, stranger));
    CHECK(mode_of(path) == 0755);
    // Anyone may write here, and nobody gives a file away but root.
    REQUIRE(::chmod(folder.path("").c_str(), 0777) == 0);
    const auto replaced_by_other = [&](gid_t group) {
      return in_child([&] {
        ::umask(027);
        if (::setgroups(0, nullptr) != 0 || ::setgid(group) != 0 || ::setuid(other) != 0) {
          throw Error("no other user");
        }
        if (!error_of(path).empty()) throw Error("not written");
      });
    };
    prepare(04777);
    CHECK(replaced_by_other(other) == 0);
    CHECK(owner_of(path) == std::make_pair(other, other));
    CHECK(mode_of(path) == 0640);
    REQUIRE(::chown(path.c_str(), other, stranger) == 0);
    REQUIRE(::chmod(path.c_str(), 0664) == 0);
    CHECK(replaced_by_other(other) == 0);
    CHECK(owner_of(path) == std::make_pair(other, other));
    CHECK(mode_of(path) == 0644);
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("output file: symbolic links stay links") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder.path("models"));
    folder.write("models/a", "old");
    std::filesystem::create_symlink("models/a", folder.path("first"));
    std::filesystem::create_symlink(folder.path("first"), folder.path("second"));
    std::filesystem::create_symlink("models/b", folder.path("dangling"));
    CHECK(error_of(folder.path("second")) == "");
    CHECK(error_of(folder.path("dangling")) == "");
    CHECK(folder.read("models/a") == "x");
    CHECK(folder.read("models/b") == "x");
    CHECK(std::filesystem::is_symlink(folder.path("first")));
    CHECK(std::filesystem::is_symlink(folder.path("second")));
    CHECK(std::filesystem::is_symlink(folder.path("dangling")));
    std::filesystem::create_symlink("loop", folder.path("loop"));
    CHECK(folder.without_folder(error_of(folder.path("loop"))) ==
          "cannot write loop: Too many levels of symbolic links");
  }

  TEST_CASE("output file: a long name, and a name without a folder") {
    const ScratchFolder folder;
    const std::string name(255, 'n');
    CHECK(error_of(folder.path(name)) == "");
    CHECK(folder.read(name) == "x");
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path(""));
    CHECK(error_of("plain") == "");
    std::filesystem::current_path(before);
    CHECK(folder.read("plain") == "x");
  }

  TEST_CASE("output file: what cannot be written") {
    const ScratchFolder folder;
    folder.write("file", "");
    const auto error = [&](const std::string& name) {
      return folder.without_folder(error_of(folder.path(name)));
    };
    CHECK(error("no/out.csv") == "cannot write no/out.csv: No such file or directory");
    CHECK(error("file/out.csv") == "cannot write file/out.csv: Not a directory");
    CHECK(error("new/") == "cannot write new/: Is a directory");
    CHECK(error_of("/") == "cannot write /: Is a directory");
    CHECK(error_of("") == "cannot write : No such file or directory");
    CHECK(error_of("/dev/full") == "cannot write /dev/full: No space left on device");
    CHECK(folder.file_count() == 1);
    if (::geteuid() != 0) {
      REQUIRE(::chmod(folder.path("file").c_str(), 0444) == 0);
      CHECK(error("file") == "cannot write file: Permission denied");
    }
  }

  TEST_CASE("output file: devices and FIFOs are written directly") {
    CHECK(error_of("/dev/null") == "");
    const ScratchFolder folder;
    REQUIRE(::mkfifo(folder.path("fifo").c_str(), 0600) == 0);
    const int reader = ::open(folder.path("fifo").c_str(), O_RDONLY | O_NONBLOCK);
    CHECK(error_of(folder.path("fifo")) == "");
    char byte = 0;
    CHECK(::read(reader, &byte, 1) == 1);
    CHECK(byte == 'x');
    ::close(reader);
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("output file: what could not be begun is told beforehand, and nothing stays behind") {
    const ScratchFolder folder;
    const std::string path = folder.path("a");
    nflow::check_output(path);
    CHECK(folder.file_count() == 0);
    folder.write("a", "kept");
    nflow::check_output(path);
    CHECK(folder.read("a") == "kept");
    CHECK(folder.file_count() == 1);
    CHECK_THROWS_AS(nflow::check_output(folder.path("no/a")), Error);
    CHECK_THROWS_AS(nflow::check_output(folder.path("")), Error);
    const std::string fifo = folder.path("fifo");
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    nflow::check_output(fifo);  // and does not wait for a reader
    nflow::check_output("/dev/null");
    nflow::check_output("-");
  }

  TEST_CASE("output file: standard output, and that it is full") {
    const ScratchFolder folder;
    const int status = in_child([&] {
      ::dup2(::open(folder.path("out").c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
      OutputFile file("-");
      file.write("one");
      file.commit();
      std::filesystem::create_symlink("/dev/stdout", folder.path("link"));
      for (const std::string& name : {std::string("/dev/stdout"), std::string("/dev/fd/1"),
                                      std::string("/proc/self/fd/1"), folder.path("link")}) {
        if (!nflow::is_standard_output(name)) throw Error(name);
        OutputFile same(name);
        same.write(",two");
        same.commit();
      }
      ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO);
      const std::string error = error_of("-");
      if (error != "cannot write standard output: No space left on device") throw Error(error);
    });
    CHECK(status == 0);
    CHECK(folder.read("out") == "one,two,two,two,two");
    for (const char* other : {"/dev/fd/2", "/dev/stderr", "1", "stdout", "/dev/null", ""}) {
      CHECK(!nflow::is_standard_output(other));
    }
  }

  TEST_CASE("output file: a signal leaves no temporary file") {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
      const ScratchFolder folder;
      folder.write("out.csv", "old");
      const int status = in_child([&] {
        ::signal(signal, SIG_DFL);
        OutputFile file(folder.path("out.csv"));
        OutputFile second(folder.path("second.csv"));
        file.write("new");
        ::raise(signal);
      });
      CHECK(ended_by(status, signal));
      CHECK(folder.read("out.csv") == "old");
      CHECK(folder.file_count() == 1);
    }
  }

  TEST_CASE("output file: a kill leaves nothing of a file that is not whole") {
    const ScratchFolder folder;
    if (!has_nameless_files(folder)) {
      MESSAGE("the file system makes no files without names");
      return;
    }
    folder.write("out.csv", "old");
    for (const char* name : {"out.csv", "new.csv"}) {
      const int status = in_child([&] {
        OutputFile file(folder.path(name));
        file.write("new");
        ::raise(SIGKILL);
      });
      CHECK(ended_by(status, SIGKILL));
    }
    CHECK(folder.read("out.csv") == "old");
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("output file: file systems that make no files without names, or give them none") {
    const auto written = [](long call, unsigned bits, int error) {
      const ScratchFolder folder;
      const mode_t before = ::umask(022);
      folder.write("old", "old");
      REQUIRE(::chmod(folder.path("old").c_str(), 0640) == 0);
      const int status = in_child([&] {
        deny(call, bits, error);
        for (const char* name : {"old", "new"}) {
          const std::string problem = error_of(folder.path(name));
          if (!problem.empty()) throw Error(problem);
        }
        OutputFile third(folder.path("old"));
        if (third.commit_new()) throw Error("a file is replaced that was not to be");
        third.commit();
        OutputFile(folder.path("cut")).write("x");
      });
      ::umask(before);
      CHECK(status == 0);
      CHECK(folder.read("old").empty());
      CHECK(folder.read("new") == "x");
      CHECK(mode_of(folder.path("old")) == 0640);
      CHECK(mode_of(folder.path("new")) == 0644);
      CHECK(folder.file_count() == 2);
    };
    written(SYS_openat, kNameless, EOPNOTSUPP);
    written(SYS_linkat, 0, EPERM);
    written(SYS_renameat2, 0, EINVAL);
  }

  TEST_CASE("output file: one that is new replaces nothing") {
    const ScratchFolder folder;
    OutputFile first(folder.path("a")), second(folder.path("a"));
    first.write("first");
    second.write("second");
    CHECK(first.commit_new());
    CHECK_FALSE(second.commit_new());
    CHECK(folder.read("a") == "first");
    second.commit();
    CHECK(folder.read("a") == "second");
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("output file: a wait for a reader ends where the caller says so") {
    const ScratchFolder folder;
    const std::string fifo = folder.path("fifo"), megabyte(1 << 20, 'x');
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(nflow::is_stream(fifo));
    CHECK_FALSE(nflow::is_stream(folder.path("none")));
    CHECK_THROWS_AS(OutputFile(fifo, after(2)), nflow::Interrupted);
    const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
    CHECK_THROWS_AS(nflow::write_file(fifo, megabyte, after(2)), nflow::Interrupted);
    nflow::write_file(folder.path("a"), megabyte, after(0));  // a file needs no wait
    CHECK(folder.read("a") == megabyte);
    ::close(reader);
    const int status = in_child([&] {
      int ends[2];
      if (::pipe(ends) != 0) throw Error("no pipe");
      ::dup2(ends[1], STDOUT_FILENO);
      try {
        nflow::write_file("-", megabyte, after(2));
      } catch (const nflow::Interrupted&) {
        ::_exit(7);
      }
    });
    CHECK(WEXITSTATUS(status) == 7);
  }

  TEST_CASE("output file: signals that the program ignores or handles are left to it") {
    const ScratchFolder folder;
    const int status = in_child([&] {
      ::signal(SIGHUP, SIG_IGN);
      ::signal(SIGTERM, [](int) {});
      OutputFile file(folder.path("out.csv"));
      ::raise(SIGHUP);
      ::raise(SIGTERM);
      file.write("done");
      file.commit();
    });
    CHECK(status == 0);
    CHECK(folder.read("out.csv") == "done");
    // With the file gone the signal acts as it did before.
    const int after = in_child([&] {
      ::signal(SIGTERM, SIG_DFL);
      { OutputFile file(folder.path("out.csv")); }
      struct sigaction present {};
      ::sigaction(SIGTERM, nullptr, &present);
      if (present.sa_handler != SIG_DFL) throw Error("a handler is left");
    });
    CHECK(after == 0);
  }

  TEST_CASE("output file: a closed pipe ends the process as it ends cat") {
    for (const auto disposition : {SIG_DFL, SIG_IGN}) {
      const ScratchFolder folder;
      const int status = in_child([&] {
        int ends[2];
        if (::pipe(ends) != 0) throw Error("no pipe");
        ::close(ends[0]);
        ::dup2(ends[1], STDOUT_FILENO);
        ::signal(SIGPIPE, disposition);
        OutputFile other(folder.path("history.csv"));
        OutputFile out("-");
        out.write("x");
      });
      CHECK(ended_by(status, SIGPIPE));
      CHECK(folder.file_count() == 0);
    }
  }
}
