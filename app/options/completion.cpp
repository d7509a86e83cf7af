#include "options/completion.h"

#include <algorithm>

#include "nflow/error.h"
#include "options/partial_line.h"

namespace nflow::app {
namespace {

using Words = std::vector<std::string>;

Completion commands_and_help(const std::vector<Command>& commands) {
  Completion all;
  for (const Command& command : commands) {
    all.candidates.push_back({command.name, command.summary});
  }
  all.candidates.push_back({"help", "the help of a command"});
  return all;
}

/// Can it still be given?
bool is_open(const Option& option, const std::vector<Option>& options, const Values& values) {
  if (values.count(option.name) != 0) return option.repeats;
  return std::none_of(options.begin(), options.end(), [&](const Option& other) {
    const auto names = [](const Option& one, const Option& two) {
      return std::count(one.excludes.begin(), one.excludes.end(), two.name) != 0;
    };
    return values.count(other.name) != 0 && (names(option, other) || names(other, option));
  });
}

Completion options_left(const Syntax& syntax, const Values& values) {
  Completion all;
  const std::vector<Option> options = syntax.all_options();
  for (const Option& option : options) {
    if (!is_open(option, options, values)) continue;
    all.candidates.push_back({"--" + option.name, option.help});
  }
  return all;
}

Completion complete_for(const Syntax& syntax, const Words& words) {
  PartialLine line = read_partial(syntax, words);
  const bool wants_operand = !syntax.operand.empty() && line.operands.empty();
  const bool takes_more = syntax.operand_repeats && !line.operands.empty();
  Completion found;
  if (line.option) {
    const Arguments arguments(syntax, line.values, line.operands);
    found = complete_value(*line.option, line.word, arguments);
    for (Candidate& candidate : found.candidates) {
      candidate.word.insert(0, line.before);
    }
  } else if (line.operands_only || (wants_operand && line.word.substr(0, 1) != "-")) {
    found.files = wants_operand || takes_more;
  } else {
    found = options_left(syntax, line.values);
    found.files = takes_more && line.word.substr(0, 1) != "-";
  }
  return found;
}

Completion complete_any(const std::vector<Command>& commands, const Words& words) {
  if (words.size() < 2) {
    Completion all = commands_and_help(commands);
    all.candidates.push_back({"--help", "what nflow does"});
    all.candidates.push_back({"--version", "nflow's version"});
    return all;
  }
  if (words[0] == "help") return words.size() == 2 ? commands_and_help(commands) : Completion{};
  for (const Command& command : commands) {
    if (command.name == words[0]) {
      return complete_for(command.syntax(), {words.begin() + 1, words.end()});
    }
  }
  return {};
}

}  // namespace

Completion complete(const std::vector<Command>& commands, const Words& words) {
  Completion found = complete_any(commands, words);
  const std::string word = words.empty() ? "" : words.back();
  std::vector<Candidate>& list = found.candidates;
  const auto unfit = [&](const Candidate& candidate) {
    // Options are offered to those who begin one.
    const bool unasked = word.empty() && words.size() < 2 && candidate.word[0] == '-';
    const bool garbled = candidate.word.find_first_of("\t\n") != candidate.word.npos;
    return unasked || garbled || candidate.word.compare(0, word.size(), word) != 0;
  };
  list.erase(std::remove_if(list.begin(), list.end(), unfit), list.end());
  return found;
}

std::string completion_text(const Completion& completion) {
  std::string text;
  for (const Candidate& candidate : completion.candidates) {
    text += candidate.word + "\t" + candidate.help + "\n";
  }
  if (completion.files) text += "files\n";
  if (completion.open) text += "open\n";
  return text;
}

}  // namespace nflow::app
