#pragma once

#include <string>
#include <vector>

#include "commands/command.h"

namespace nflow::app {

// What can stand at the cursor of a command line, for the completions of shells. All follows from
// the commands' tables of options.

struct Candidate {
  std::string word;  ///< the whole word that would stand there
  std::string help;
};

struct Completion {
  std::vector<Candidate> candidates = {};
  bool files = false;  ///< names of files; the shell knows them better
  bool open = false;   ///< a candidate may be the beginning of more: no blank behind it
};

/// `words` stand behind "nflow"; the cursor is in the last one, which may be empty.
Completion complete(const std::vector<Command>& commands, const std::vector<std::string>& words);

/// For a shell: lines "WORD<tab>HELP", and lines "files" and "open" where it is so.
std::string completion_text(const Completion& completion);

/// The value of an option as far as it is typed, in a command line with `arguments`.
Completion complete_value(const Option& option, const std::string& word,
                          const Arguments& arguments);

}  // namespace nflow::app
