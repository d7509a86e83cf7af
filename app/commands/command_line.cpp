// From words to Arguments.

#include <algorithm>
#include <boost/program_options.hpp>

#include "nflow/error.h"
#include "nflow/nearest.h"
#include "options/config.h"
#include "options/options.h"
#include "options/version_text.h"
#include "processes/processes.h"

namespace nflow::app {
namespace {

namespace po = boost::program_options;

using Words = std::vector<std::string>;

po::options_description describe(const Syntax& syntax) {
  po::options_description description;
  for (const Option& option : syntax.all_options()) {
    std::string names = option.name;
    if (option.letter != 0) names += std::string(",") + option.letter;
    if (option.is_flag()) {
      description.add_options()(names.c_str(), option.help.c_str());
    } else {
      description.add_options()(names.c_str(), po::value<std::string>(), option.help.c_str());
    }
  }
  return description;
}

[[noreturn]] void throw_unknown(const Syntax& syntax, std::string word, const Words& words) {
  // "-epochs 5" is read as -e: show what the user wrote.
  if (word.size() == 2 && word[0] == '-' && word[1] != '-') {
    const auto same = [&](const std::string& w) { return w.compare(0, 2, word) == 0; };
    const auto whole = std::find_if(words.begin(), words.end(), same);
    if (whole != words.end()) word = *whole;
  }
  word = word.substr(0, word.find('='));
  Words names;
  for (const Option& option : syntax.all_options()) names.push_back(option.name);
  const std::string near =
      nearest(word.substr(std::min(word.find_first_not_of('-'), word.size())), names);
  throw UsageError("unknown option '" + word + "'; " +
                   (near.empty() ? "see 'nflow " + syntax.command + " --help'"
                                 : "did you mean '--" + near + "'?"));
}

/// `option` as Boost names it. What begins with - is for Boost no value.
[[noreturn]] void throw_missing(const std::string& option, const Words& words) {
  const auto place = std::find(words.begin(), words.end(), option);
  const bool has_next = place != words.end() && place + 1 != words.end();
  throw UsageError(
      "option '" + option + "' needs a value" +
      (has_next ? "; for one that begins with -, write " + option + "=" + place[1] : ""));
}

std::vector<po::option> split(const Syntax& syntax, const Words& words) {
  const po::options_description description = describe(syntax);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    return po::command_line_parser(words).options(description).style(style).run().options;
  } catch (const po::unknown_option& problem) {
    throw_unknown(syntax, problem.get_option_name(), words);
  } catch (const po::invalid_command_line_syntax& problem) {
    const std::string name = problem.get_option_name();
    const std::optional<Option> option =
        syntax.find(name.substr(std::min(name.size(), name.find_first_not_of('-'))));
    if (option && option->is_flag())
      throw UsageError("option '--" + option->name + "' takes no value");
    throw_missing(name, words);
  }
}

/// What has an old name gets its own.
Words with_present_names(const Syntax& syntax, Words words) {
  for (std::string& word : words) {
    if (word == "--") break;
    if (word.compare(0, 2, "--") != 0) continue;
    const std::string name = word.substr(2, word.find('=') - 2);
    const std::optional<Option> option = syntax.find(name);
    if (option && option->name != name) word.replace(2, name.size(), option->name);
  }
  return words;
}

/// Does the word behind an option with an implied value say another one?
bool says_value(const Option& option, const Words& words, std::size_t next) {
  const std::vector<std::string> choices = choices_of(option.value);
  return next < words.size() && std::count(choices.begin(), choices.end(), words[next]) > 0;
}

/// Boost takes "--na=" for a mistake; an empty value it does take as a word of its own. An implied
/// value is put where it is meant.
Words with_all_values(const Syntax& syntax, const Words& words) {
  Words all;
  bool operands = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    operands = operands || word == "--";
    const std::optional<Option> named = word.size() > 2 && word.compare(0, 2, "--") == 0
                                            ? syntax.find(word.substr(2))
                                            : std::nullopt;
    if (!operands && named && !named->implied.empty() && !says_value(*named, words, i + 1)) {
      all.push_back(word + "=" + named->implied);
      continue;
    }
    const bool ends = word.size() > 3 && word.compare(0, 2, "--") == 0 && word.back() == '=';
    const std::string name = ends ? word.substr(2, word.size() - 3) : "";
    const std::optional<Option> option = syntax.find(name);
    if (operands || !option || option->is_flag()) {
      all.push_back(word);
    } else {
      all.insert(all.end(), {"--" + name, ""});
    }
  }
  return all;
}

/// "--epochs --seed 1" lacks a value, although Boost takes --seed for it. What stands behind "=" is
/// a value, whatever it looks like.
void refuse_option_as_value(const Syntax& syntax, const po::option& option) {
  if (option.position_key != -1 || option.original_tokens.size() < 2 || option.value.empty())
    return;
  const std::string& value = option.value.front();
  for (const Option& other : syntax.all_options()) {
    const bool letter = other.letter != 0 && value == std::string("-") + other.letter;
    if (letter || value == "--" + other.name) {
      throw UsageError("option '--" + option.string_key + "' needs a value, and '" + value +
                       "' is an option");
    }
  }
}

/// Sorts the words into values of options and operands.
void take_words(const Syntax& syntax, const Words& words, Values& values, Words& operands) {
  for (const po::option& option :
       split(syntax, with_all_values(syntax, with_present_names(syntax, words)))) {
    refuse_option_as_value(syntax, option);
    const std::string value = option.value.empty() ? "" : option.value.front();
    if (option.position_key != -1) {
      operands.push_back(value);
    } else if (values.count(option.string_key) != 0 && !syntax.find(option.string_key)->repeats) {
      throw UsageError("option '--" + option.string_key + "' is given twice");
    } else {
      values.emplace(option.string_key, value);
    }
  }
}

void refuse_more_operands(const Syntax& syntax, const Words& operands, const Values& values) {
  const std::size_t one = syntax.operand.empty() ? 0 : 1;
  const std::size_t allowed = syntax.operand_repeats ? operands.size() : one;
  if (operands.size() <= allowed) return;
  const std::string& word = operands[allowed];
  const bool lacks_model =
      syntax.operand != "MODEL" && syntax.find("model") && values.count("model") == 0;
  if (lacks_model) {
    throw UsageError("unexpected argument '" + word + "'; if '" + operands.front() +
                     "' is the model, write -m " + operands.front());
  }
  throw UsageError("unexpected argument '" + word + "'; see 'nflow " + syntax.command + " --help'");
}

}  // namespace

std::optional<Arguments> parse(const Syntax& syntax, const Words& words) {
  Values values;
  Words operands;
  take_words(syntax, words, values, operands);
  if (values.count("help") != 0) {
    print(help_text(syntax));
    return std::nullopt;
  }
  if (values.count("version") != 0) {
    print(version_text(values.count("verbose") != 0));
    return std::nullopt;
  }
  refuse_more_operands(syntax, operands, values);
  Places places;
  add_config(syntax, values, operands, places);
  Arguments arguments(syntax, std::move(values), std::move(operands), std::move(places));
  // Also where the command has no use for them, a bad value is a mistake to tell of.
  arguments.check();
  if (arguments.given("print-config")) {
    print(config_file(arguments));
    return std::nullopt;
  }
  return arguments;
}

}  // namespace nflow::app
