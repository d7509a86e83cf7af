#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "commands/command.h"
#include "nflow/build.h"
#include "nflow/error.h"
#include "nflow/nearest.h"
#include "nflow/output_file.h"
#include "options/completion.h"
#include "options/version_text.h"
#include "processes/processes.h"
#include "report/log.h"
#include "tables/csv_help.h"
#include "tables/outputs.h"

namespace nflow::app {
namespace {

using Words = std::vector<std::string>;

const std::vector<Command> kCommands{
    {"train", "fit a density to the rows of a table", train_syntax, run_train},
    {"logprob", "log p of rows under a model", logprob_syntax, run_logprob},
    {"sample", "draw new rows from a model", sample_syntax, run_sample},
    {"transform", "take rows to a model's latent space, and back", transform_syntax, run_transform},
    {"quantile", "one column of a row, given all others", quantile_syntax, run_quantile},
    {"fill", "fill the empty cells of a table", fill_syntax, run_fill},
    {"check", "is a model a density, and that of these rows?", check_syntax, run_check},
    {"compare", "which of several models knows more about rows", compare_syntax, run_compare},
    {"plot", "pictures of data, models and trainings", plot_syntax, run_plot},
    {"info", "what a model is and how it was trained", info_syntax, run_info, false},
};

const Command& find_command(const std::string& name) {
  const auto named = [&](const Command& command) { return command.name == name; };
  const auto found = std::find_if(kCommands.begin(), kCommands.end(), named);
  if (found != kCommands.end()) return *found;
  Words names{"help"};
  for (const Command& command : kCommands) names.emplace_back(command.name);
  const std::string hint = did_you_mean(name, names);
  throw UsageError("unknown command '" + name + "'" +
                   (hint.empty() ? "; see 'nflow --help'" : hint));
}

std::string overview() {
  std::string text =
      "usage: nflow COMMAND [options] [DATA]\n"
      "\n"
      "Density estimation for tables: learns p(row) with a normalizing flow, scores rows,\n"
      "draws new ones.\n"
      "\n"
      "Examples:\n"
      "  nflow train data.csv -o data.nflow\n"
      "  nflow logprob -m data.nflow new.csv > scores.csv\n"
      "  nflow sample -m data.nflow -n 1000 > samples.csv\n"
      "\n"
      "Commands:\n";
  for (const Command& command : kCommands) {
    std::string name = command.name;
    name.resize(11, ' ');
    text += "  " + name + command.summary + "\n";
  }
  return text +
         "\n"
         "Options:\n"
         "  -h, --help     this text; 'nflow COMMAND --help' for a command's own\n"
         "  -V, --version  nflow's version; with -v what it was built with\n"
         "\n"
         "'man nflow-intro' begins with a table, 'man nflow' has the whole of it.\n";
}

int help(const Words& words) {
  if (words.size() > 1) throw UsageError("'nflow help' takes one command");
  const bool of_command = !words.empty() && words[0] != "help";
  print(of_command ? help_text(find_command(words[0]).syntax()) : overview());
  return 0;
}

/// Takes the instructions that NFLOW_KERNELS asks for. Gives why it cannot, or nothing.
std::string choose_kernels() {
  const char* kernels = std::getenv("NFLOW_KERNELS");
  if (!kernels || !*kernels) return "";
  try {
    use_kernel_set(kernels);
    return "";
  } catch (const UsageError& problem) {
    return problem.what();
  }
}

int version(const Words& words) {
  const bool verbose = words == Words{"-v"} || words == Words{"--verbose"};
  if (!words.empty() && !verbose) {
    throw UsageError("unexpected argument '" + words.front() + "' behind --version");
  }
  choose_kernels();  // to show them
  print(version_text(verbose));
  return 0;
}

/// For the shells' completions: nothing that they show may be a message.
int complete_word(const Words& words) {
  print(completion_text(complete(kCommands, words)));
  return 0;
}

/// What may help with a table is known where it was read; here it becomes options of the command.
int run_in_words(const Command& command, const Arguments& arguments) {
  try {
    return command.run(arguments);
  } catch (const CsvError& problem) {
    throw Error(problem.what() + words_for(problem.help(), arguments));
  }
}

int run(const Command& command, const Words& words) {
  const std::string no_kernels = choose_kernels();  // --version -v shows them
  const std::optional<Arguments> arguments = parse(command.syntax(), words);
  if (!arguments) return 0;
  start_log(*arguments);
  refuse_overwriting(*arguments);
  if (command.computes && !no_kernels.empty()) throw UsageError(no_kernels);
  return run_in_words(command, *arguments);
}

int dispatch(const Words& words) {
  if (words.empty()) {
    if (::isatty(STDIN_FILENO) != 0) std::fputs(overview().c_str(), stderr);
    throw UsageError("which command? 'nflow --help' lists them");
  }
  const Words rest(words.begin() + 1, words.end());
  if (words[0] == "help") return help(rest);
  if (words[0] == "complete") return complete_word(rest);
  if (words[0] == "--help" || words[0] == "-h") return help(rest);
  if (words[0] == "--version" || words[0] == "-V") return version(rest);
  if (words[0].size() > 1 && words[0][0] == '-') {
    const std::string hint = did_you_mean(words[0], {"--help", "--version"});
    throw UsageError("unknown option '" + words[0] + "' before the command" +
                     (hint.empty() ? "; a command's options stand behind its name" : hint));
  }
  return run(find_command(words[0]), rest);
}

/// Most failures are those of all processes, and the first tells of them: the others wait for it to
/// end them, and speak where it does not.
void let_first_speak() {
  if (!first_rank()) std::this_thread::sleep_for(std::chrono::seconds(2));
}

/// Tells of a failure, in one line.
int fail(const std::string& text, int status) {
  let_first_speak();
  log_failure(text, status);
  end_all(status);
  return status;
}

/// A shell may start us with standard streams closed (>&-). The next file opened would take their
/// place and our data would land in it; so we fill the places with what fails when used.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

constexpr char kNoMemory[] = "out of memory: the table, the batch or the model is too large";

/// Without the log, which takes memory.
void tell_without_memory() { std::fprintf(stderr, "nflow: %s\n", kNoMemory); }

/// What is thrown where nobody catches it, before main() or in a message of failure: as good as
/// always memory that there is not.
[[noreturn]] void end_without_memory() noexcept {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    remove_unfinished_files();
    tell_without_memory();
    ::_exit(1);
  } catch (...) {
  }
  std::abort();
}

/// First of all, since what is made before main() takes memory too.
[[gnu::constructor(101)]] void catch_the_uncaught() { std::set_terminate(end_without_memory); }

int guarded_main(int argc, char** argv) {
  Words words;
  try {
    words.assign(argv + std::min(argc, 1), argv + argc);
    start_log(words);
  } catch (const std::bad_alloc&) {
    tell_without_memory();
    return 1;
  }
  try {
    return dispatch(words);
  } catch (const UsageError& problem) {
    return fail(problem.what(), 2);
  } catch (const boost::program_options::error& problem) {
    return fail(problem.what(), 2);
  } catch (const Error& problem) {
    return fail(problem.what(), 1);
  } catch (const std::bad_alloc&) {
    return fail(kNoMemory, 1);
  } catch (const std::exception& problem) {
    return fail(std::string("unexpected failure: ") + problem.what(), 1);
  }
}

struct Start {
  int argc;
  char** argv;
  int status;
};

void* run_all(void* argument) noexcept {
  Start& start = *static_cast<Start*>(argument);
  const World world(start.argc, start.argv);
  start.status = guarded_main(start.argc, start.argv);
  return nullptr;
}

// What a thread has where nothing limits its stack. Kernels keep their blocks there, of some 100
// KiB.
constexpr std::size_t kStackBytes = std::size_t{2} << 20;

bool has_small_stack() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < kStackBytes;
}

/// In a thread of its own, and with workers, whose stacks do not go by the limit of the process.
bool run_with_stack(Start& start) {
  pthread_attr_t attributes;
  pthread_t thread{};
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  ::pthread_setattr_default_np(&attributes);
  const bool started = ::pthread_create(&thread, &attributes, run_all, &start) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!started) return false;
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the thread that works
  return ::pthread_join(thread, nullptr) == 0;
}

}  // namespace
}  // namespace nflow::app

int main(int argc, char** argv) {
  using namespace nflow::app;
  occupy_standard_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write
  std::signal(SIGPIPE, SIG_IGN);  // where nobody reads the log, the work goes on: see OutputFile
  Start start{argc, argv, 1};
  if (!has_small_stack()) {
    run_all(&start);
  } else if (!run_with_stack(start)) {
    std::fputs("nflow: there is no memory for a stack of 2 MiB\n", stderr);
  }
  return start.status;
}
