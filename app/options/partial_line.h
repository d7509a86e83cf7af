#pragma once

#include <optional>
#include <string>
#include <vector>

#include "options/options.h"

namespace nflow::app {

/// A command line that is still being typed, up to the cursor. What is wrong in it is left aside.
struct PartialLine {
  Values values;
  std::vector<std::string> operands;
  bool operands_only = false;  ///< behind --

  std::optional<Option> option;  ///< whose value the cursor is in
  std::string before;            ///< of the cursor's word, what is not of the value: "--flow="
  std::string word;              ///< what is to be completed
};

/// `words` stand behind the subcommand's name; the cursor is in the last one, which may be empty.
PartialLine read_partial(const Syntax& syntax, const std::vector<std::string>& words);

}  // namespace nflow::app
