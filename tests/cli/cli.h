#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// How a command ended. `status` is 128 + N for one that signal N ended.
struct Outcome {
  int status = 0;
  std::string out;
  std::string err;
  long peak_kb = 0;  ///< the most memory that it held
};

/// An empty folder for one test, in which commands run; gone at the end.
class Workdir {
 public:
  Workdir();
  ~Workdir();
  Workdir(const Workdir&) = delete;
  Workdir& operator=(const Workdir&) = delete;

  std::string path(const std::string& name) const;
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;
  /// Names of all files in the folder, hidden ones too.
  std::vector<std::string> files() const;

  /// Runs the nflow binary; `input` is its standard input.
  Outcome nflow(const std::vector<std::string>& words, const std::string& input = "") const;
  /// Runs a script in the shell, where $NFLOW is the binary.
  Outcome shell(const std::string& script, const std::string& input = "") const;

 private:
  Outcome run(std::vector<std::string> words, const std::string& input) const;

  std::string folder_;
};

/// Sets variables of the environment as long as it lives.
class Environment {
 public:
  explicit Environment(const std::vector<std::pair<std::string, std::string>>& values);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> before_;
};

/// A program that we talk to while it runs: through pipes, or with terminals in their places.
class Conversation {
 public:
  /// short_pipes: the program waits for us where it is 4 KiB ahead; terminal: all streams are one.
  enum class Ends { pipes, short_pipes, terminal };

  /// nflow, or another program.
  Conversation(const Workdir& dir, const std::vector<std::string>& words, Ends ends,
               const std::string& program = NFLOW_BINARY);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void send(const std::string& text);
  void signal(int number) const;
  /// Waits for a line of output and gives it without its end; what has come at the end of output.
  std::string receive_line();
  /// Waits for `part` and gives the output up to its end; what has come at the end of output, or
  /// where nothing comes for a minute.
  std::string receive_until(const std::string& part);
  /// Ends the input, gives all output still to come, and the status by `status`.
  std::string finish(int& status);

 private:
  bool receive();  // some more bytes; false at the end

  int process_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string received_;
};

/// The names of all commands, as --help lists them.
const std::vector<std::string>& commands();

/// A CSV table with a header of `names`, one letter each, and rows of dependent random numbers.
std::string table(const std::string& names, int rows, unsigned seed = 1);

/// Small trained models, made once for all tests: of columns a,b, and of a,b given c.
const std::string& model();
const std::string& conditional_model();

/// Options that make a training last an instant.
std::vector<std::string> quick(std::vector<std::string> words);

/// Such a training of t.csv to m.nflow, with more options.
std::vector<std::string> training(const std::vector<std::string>& more);

std::vector<std::string> lines(const std::string& text);
/// The numbers of one CSV line.
std::vector<double> numbers(const std::string& line);
/// Is `text` one line "nflow: ..." that holds all `parts`?
bool is_failure(const std::string& text, const std::vector<std::string>& parts);
bool contains(const std::string& text, const std::string& part);

}  // namespace cli
