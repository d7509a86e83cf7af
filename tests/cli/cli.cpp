#include "cli/cli.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace cli {
namespace {

namespace fs = std::filesystem;

/// Starts `words` in `folder` with the given descriptors as its standard streams.
int start(const std::string& folder, const std::vector<std::string>& words, int in, int out,
          int err) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int process = ::fork();
  if (process != 0) return process;
  const bool ready = ::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 &&
                     ::dup2(err, STDERR_FILENO) >= 0 && ::chdir(folder.c_str()) == 0;
  std::signal(SIGPIPE, SIG_DFL);
  if (::isatty(in) != 0) {  // shells want it to be theirs
    ::setsid();
    ::ioctl(in, TIOCSCTTY, 0);
  }
  if (ready) ::execv(arguments[0], arguments.data());
  ::_exit(126);
}

int wait_for(int process, long* peak_kb = nullptr) {
  int state = 0;
  rusage used{};
  REQUIRE(::wait4(process, &state, 0, &used) == process);
  if (peak_kb) *peak_kb = used.ru_maxrss;
  return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  REQUIRE(file.good());
}

/// A model trained in a folder that lasts as long as the tests.
std::string train_once(const Workdir& dir, const std::string& columns,
                       std::vector<std::string> words) {
  dir.write("data.csv", table(columns, 300));
  words.insert(words.begin(), {"train", "data.csv", "-o", "m.nflow"});
  const Outcome result = dir.nflow(quick(words));
  REQUIRE_MESSAGE(result.status == 0, result.err);
  return dir.path("m.nflow");
}

}  // namespace

Workdir::Workdir() {
  std::string pattern = (fs::temp_directory_path() / "nflow-test.XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
}

Workdir::~Workdir() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  fs::remove_all(folder_ + ".in", ignored);
  fs::remove_all(folder_ + ".out", ignored);
  fs::remove_all(folder_ + ".err", ignored);
}

std::string Workdir::path(const std::string& name) const { return folder_ + "/" + name; }

void Workdir::write(const std::string& name, const std::string& text) const {
  write_file(path(name), text);
}

std::string Workdir::read(const std::string& name) const { return read_file(path(name)); }

bool Workdir::has(const std::string& name) const { return fs::exists(path(name)); }

std::vector<std::string> Workdir::files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Outcome Workdir::nflow(const std::vector<std::string>& words, const std::string& input) const {
  std::vector<std::string> all{NFLOW_BINARY};
  all.insert(all.end(), words.begin(), words.end());
  return run(std::move(all), input);
}

Outcome Workdir::shell(const std::string& script, const std::string& input) const {
  return run({"/bin/sh", "-c", "NFLOW='" NFLOW_BINARY "'\n" + script}, input);
}

Outcome Workdir::run(std::vector<std::string> words, const std::string& input) const {
  // Files, not pipes, and beside the folder: nothing can block, and nothing is in a test's way.
  write_file(folder_ + ".in", input);
  const int in = ::open((folder_ + ".in").c_str(), O_RDONLY | O_CLOEXEC);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int out = ::open((folder_ + ".out").c_str(), flags, 0600);
  const int err = ::open((folder_ + ".err").c_str(), flags, 0600);
  REQUIRE(std::min({in, out, err}) >= 0);
  const int process = start(folder_, words, in, out, err);
  for (const int fd : {in, out, err}) ::close(fd);
  Outcome result;
  result.status = wait_for(process, &result.peak_kb);
  result.out = read_file(folder_ + ".out");
  result.err = read_file(folder_ + ".err");
  return result;
}

Environment::Environment(const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    const char* before = std::getenv(name.c_str());
    before_.emplace_back(name, before ? std::make_optional<std::string>(before) : std::nullopt);
    ::setenv(name.c_str(), value.c_str(), 1);
  }
}

Environment::~Environment() {
  for (const auto& [name, value] : before_) {
    if (value) ::setenv(name.c_str(), value->c_str(), 1);
    if (!value) ::unsetenv(name.c_str());
  }
}

Conversation::Conversation(const Workdir& dir, const std::vector<std::string>& words, Ends ends,
                           const std::string& program) {
  std::vector<std::string> all{program};
  all.insert(all.end(), words.begin(), words.end());
  if (ends == Ends::terminal) {
    from_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(from_ >= 0);
    REQUIRE((::grantpt(from_) == 0 && ::unlockpt(from_) == 0));
    const int terminal = ::open(::ptsname(from_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(terminal >= 0);
    process_ = start(dir.path(""), all, terminal, terminal, terminal);
    ::close(terminal);
    return;
  }
  int in[2];
  int out[2];
  REQUIRE((::pipe2(in, O_CLOEXEC) == 0 && ::pipe2(out, O_CLOEXEC) == 0));
  if (ends == Ends::short_pipes) REQUIRE(::fcntl(out[0], F_SETPIPE_SZ, 4096) > 0);
  process_ = start(dir.path(""), all, in[0], out[1], STDERR_FILENO);
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
}

Conversation::~Conversation() {
  for (const int fd : {to_, from_}) {
    if (fd >= 0) ::close(fd);
  }
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

void Conversation::send(const std::string& text) {
  const auto size = static_cast<ssize_t>(text.size());
  REQUIRE(::write(to_ >= 0 ? to_ : from_, text.data(), text.size()) == size);
}

void Conversation::signal(int number) const { REQUIRE(::kill(process_, number) == 0); }

bool Conversation::receive() {
  constexpr int most_milliseconds = 60000;
  pollfd request{from_, POLLIN, 0};
  if (::poll(&request, 1, most_milliseconds) == 0) return false;
  char bytes[4096];
  const ssize_t count = ::read(from_, bytes, sizeof bytes);
  if (count <= 0) return false;  // a terminal without users reports an error
  received_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Conversation::receive_until(const std::string& part) {
  while (!contains(received_, part) && receive()) continue;
  const std::size_t at = received_.find(part);
  std::string text = received_.substr(0, at == received_.npos ? at : at + part.size());
  received_.erase(0, text.size());
  return text;
}

std::string Conversation::receive_line() {
  std::string line = receive_until("\n");
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::string Conversation::finish(int& status) {
  if (to_ >= 0) ::close(to_);
  to_ = -1;
  while (receive()) continue;
  status = wait_for(process_);
  process_ = -1;
  return std::exchange(received_, "");
}

const std::vector<std::string>& commands() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    bool inside = false;
    for (const std::string& line : lines(Workdir().nflow({"--help"}).out)) {
      if (inside && line.empty()) break;
      if (inside) list.push_back(line.substr(2, line.find(' ', 2) - 2));
      inside = inside || line == "Commands:";
    }
    REQUIRE(list.size() > 5);
    return list;
  }();
  return names;
}

std::string table(const std::string& names, int rows, unsigned seed) {
  std::string text;
  for (const char name : names) text += (text.empty() ? "" : ",") + std::string(1, name);
  text += '\n';
  // A linear congruential generator: the same numbers on every system.
  std::uint64_t state = seed;
  const auto uniform = [&state] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 40) / static_cast<double>(1 << 24);
  };
  for (int i = 0; i < rows; ++i) {
    double value = 0;
    for (std::size_t j = 0; j < names.size(); ++j) {
      value = 0.5 * value + uniform() + uniform() + uniform() - 1.5;
      text += (j == 0 ? "" : ",") + std::to_string(value);
    }
    text += '\n';
  }
  return text;
}

const std::string& model() {
  static const Workdir dir;
  static const std::string path = train_once(dir, "ab", {});
  return path;
}

const std::string& conditional_model() {
  static const Workdir dir;
  static const std::string path = train_once(dir, "abc", {"--context", "c"});
  return path;
}

std::vector<std::string> quick(std::vector<std::string> words) {
  const auto add = [&](const std::string& option, const std::string& value) {
    if (std::find(words.begin(), words.end(), option) != words.end()) return;
    words.push_back(option);
    words.push_back(value);
  };
  add("--flow", "actnorm,conv1x1,nsf-cl:bins=4:hidden=8");
  add("--max-steps", "20");
  add("--batch-size", "64");
  return words;
}

std::vector<std::string> training(const std::vector<std::string>& more) {
  std::vector<std::string> words{"train", "t.csv", "-o", "m.nflow"};
  words.insert(words.end(), more.begin(), more.end());
  return quick(words);
}

std::vector<std::string> lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> list;
  for (std::string line; std::getline(stream, line);) list.push_back(line);
  return list;
}

std::vector<double> numbers(const std::string& line) {
  std::istringstream stream(line);
  std::vector<double> values;
  for (std::string field; std::getline(stream, field, ',');) {
    char* end = nullptr;
    values.push_back(std::strtod(field.c_str(), &end));
    REQUIRE_MESSAGE((!field.empty() && *end == '\0'), line);
  }
  return values;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool is_failure(const std::string& text, const std::vector<std::string>& parts) {
  const bool one_line = text.rfind("nflow: ", 0) == 0 && text.find('\n') + 1 == text.size();
  return one_line && std::all_of(parts.begin(), parts.end(),
                                 [&](const std::string& part) { return contains(text, part); });
}

}  // namespace cli
