#include "options.h"

#include <algorithm>
#include <boost/program_options.hpp>

#include "nflow/error.h"
#include "nflow/nearest.h"
#include "nflow/output_file.h"
#include "nflow/version.h"

namespace nflow::app {
namespace {

namespace po = boost::program_options;

std::vector<OptionGroup> all_groups(const Syntax& syntax) {
  std::vector<OptionGroup> groups = syntax.groups;
  groups.push_back(common_group(syntax.command));
  return groups;
}

std::vector<Option> all_options(const Syntax& syntax) {
  std::vector<Option> options;
  for (const OptionGroup& group : all_groups(syntax)) {
    options.insert(options.end(), group.options.begin(), group.options.end());
  }
  return options;
}

po::options_description describe(const Syntax& syntax) {
  po::options_description description;
  for (const Option& option : all_options(syntax)) {
    std::string names = option.name;
    if (option.letter != 0) names += std::string(",") + option.letter;
    if (option.value.empty()) {
      description.add_options()(names.c_str(), option.help.c_str());
    } else {
      description.add_options()(names.c_str(), po::value<std::string>(), option.help.c_str());
    }
  }
  return description;
}

[[noreturn]] void throw_unknown(const Syntax& syntax, std::string word,
                                const std::vector<std::string>& words) {
  // "-epochs 5" is read as -e: show what the user wrote.
  if (word.size() == 2 && word[0] == '-' && word[1] != '-') {
    const auto same = [&](const std::string& w) { return w.compare(0, 2, word) == 0; };
    const auto whole = std::find_if(words.begin(), words.end(), same);
    if (whole != words.end()) word = *whole;
  }
  word = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const Option& option : all_options(syntax)) names.push_back(option.name);
  const std::string near =
      nearest(word.substr(std::min(word.find_first_not_of('-'), word.size())), names);
  throw UsageError("unknown option '" + word + "'; " +
                   (near.empty() ? "see 'nflow " + syntax.command + " --help'"
                                 : "did you mean '--" + near + "'?"));
}

std::vector<po::option> split(const Syntax& syntax, const std::vector<std::string>& words) {
  const po::options_description description = describe(syntax);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    return po::command_line_parser(words).options(description).style(style).run().options;
  } catch (const po::unknown_option& problem) {
    throw_unknown(syntax, problem.get_option_name(), words);
  }
}

/// "--epochs --seed 1" lacks a value, although Boost takes --seed for it. What stands behind "=" is
/// a value, whatever it looks like.
void refuse_option_as_value(const Syntax& syntax, const po::option& option) {
  if (option.position_key != -1 || option.original_tokens.size() < 2 || option.value.empty())
    return;
  const std::string& value = option.value.front();
  for (const Option& other : all_options(syntax)) {
    const bool letter = other.letter != 0 && value == std::string("-") + other.letter;
    if (letter || value == "--" + other.name) {
      throw UsageError("option '--" + option.string_key + "' needs a value, and '" + value +
                       "' is an option");
    }
  }
}

/// "  -o, --output FILE" of a help line.
std::string left_side(const Option& option) {
  std::string text = option.letter == 0 ? "      " : std::string("  -") + option.letter + ", ";
  text += "--" + option.name;
  return option.value.empty() ? text : text + " " + option.value;
}

bool repeats(const Syntax& syntax, const std::string& name) {
  const std::vector<Option> options = all_options(syntax);
  return std::any_of(options.begin(), options.end(),
                     [&](const Option& o) { return o.name == name && o.repeats; });
}

}  // namespace

Arguments::Arguments(Syntax syntax, std::multimap<std::string, std::string> values,
                     std::optional<std::string> operand)
    : syntax_(std::move(syntax)), values_(std::move(values)), operand_(std::move(operand)) {}

bool Arguments::given(const std::string& name) const { return values_.count(name) != 0; }

std::optional<std::string> Arguments::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::make_optional(found->second);
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  std::vector<std::string> list;
  const auto [first, last] = values_.equal_range(name);
  for (auto value = first; value != last; ++value) list.push_back(value->second);
  return list;
}

std::string Arguments::text(const std::string& name, const std::string& fallback) const {
  return find(name).value_or(fallback);
}

std::string Arguments::required(const std::string& name) const {
  if (given(name)) return text(name, "");
  for (const Option& option : all_options(syntax_)) {
    if (option.name != name) continue;
    const std::string spelling =
        option.letter == 0 ? "--" + name : std::string("-") + option.letter;
    throw UsageError("nflow " + syntax_.command + " needs " + spelling + " " + option.value +
                     "; see 'nflow " + syntax_.command + " --help'");
  }
  throw UsageError("nflow " + syntax_.command + " needs --" + name);
}

std::string Arguments::choice(const std::string& name, const std::string& fallback,
                              const std::vector<std::string>& choices) const {
  const std::string value = text(name, fallback);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string list;
  for (const std::string& c : choices) list += (list.empty() ? "" : ", ") + c;
  throw UsageError("--" + name + ": '" + value + "' is not one of " + list);
}

std::uint64_t Arguments::count(const std::string& name, std::uint64_t fallback, std::uint64_t min,
                               std::uint64_t max) const {
  return given(name) ? parse_count("--" + name, text(name, ""), min, max) : fallback;
}

double Arguments::real(const std::string& name, double fallback, Range range) const {
  return given(name) ? parse_real("--" + name, text(name, ""), range) : fallback;
}

double Arguments::duration(const std::string& name, double fallback) const {
  return given(name) ? parse_duration("--" + name, text(name, "")) : fallback;
}

std::string usage_text(const Syntax& syntax) {
  std::string text;
  for (const std::string& line : syntax.usage) {
    text += (text.empty() ? "usage: nflow " : "       nflow ") + line + "\n";
  }
  return text;
}

std::string help_text(const Syntax& syntax) {
  std::string text = usage_text(syntax) + "\n" + syntax.about + "\nExamples:\n";
  for (const std::string& example : syntax.examples) text += "  " + example + "\n";
  const std::vector<OptionGroup> groups = all_groups(syntax);
  std::size_t width = 0;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group.options) width = std::max(width, left_side(option).size());
  }
  for (const OptionGroup& group : groups) {
    text += "\n" + group.title + ":\n";
    for (const Option& option : group.options) {
      std::string line = left_side(option);
      line.append(width + 2 - line.size(), ' ');
      text += line + option.help + "\n";
    }
  }
  return syntax.closing.empty() ? text : text + "\n" + syntax.closing;
}

std::optional<Arguments> parse(const Syntax& syntax, const std::vector<std::string>& words) {
  std::multimap<std::string, std::string> values;
  std::vector<std::string> operands;
  for (const po::option& option : split(syntax, words)) {
    refuse_option_as_value(syntax, option);
    const std::string value = option.value.empty() ? "" : option.value.front();
    if (option.position_key != -1) {
      operands.push_back(value);
    } else if (values.count(option.string_key) != 0 && !repeats(syntax, option.string_key)) {
      throw UsageError("option '--" + option.string_key + "' is given twice");
    } else {
      values.emplace(option.string_key, value);
    }
  }
  if (values.count("help") != 0 || values.count("version") != 0) {
    OutputFile out("-");
    out.write(values.count("help") != 0 ? help_text(syntax)
                                        : "nflow " + std::string(kVersion) + "\n");
    out.commit();
    return std::nullopt;
  }
  const std::size_t allowed = syntax.operand.empty() ? 0 : 1;
  if (operands.size() > allowed) {
    throw UsageError("unexpected argument '" + operands[allowed] + "'; see 'nflow " +
                     syntax.command + " --help'");
  }
  if (values.count("quiet") != 0 && values.count("verbose") != 0) {
    throw UsageError("--quiet and --verbose exclude each other");
  }
  std::optional<std::string> operand;
  if (!operands.empty()) operand = operands.front();
  Arguments arguments(syntax, std::move(values), std::move(operand));
  // Also where the command has no use for them, a bad value is a mistake to tell of.
  threads(arguments);
  seed(arguments, 0);
  return arguments;
}

}  // namespace nflow::app
