#include "options/config.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "nflow/error.h"
#include "nflow/input_file.h"
#include "nflow/nearest.h"
#include "nflow/printable.h"
#include "options/config_text.h"

namespace nflow::app {
namespace {

/// A file longer than this is another one by mistake.
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

std::string read_whole(const std::string& path) {
  InputFile file(path);
  std::string text;
  file.read_up_to(kMostBytes + 1, text);
  if (text.size() > kMostBytes) {
    throw UsageError(path + ": not a configuration file: more than 1 MiB");
  }
  return text;
}

/// What says which configuration to use, or that nothing is to be done, is no part of it.
bool is_about_configuration(const std::string& option) {
  constexpr std::array<std::string_view, 4> names{"config", "print-config", "help", "version"};
  return std::find(names.begin(), names.end(), option) != names.end();
}

/// "data" for DATA.
std::string operand_key(const Syntax& syntax) {
  std::string key = syntax.operand;
  for (char& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

[[noreturn]] void throw_unknown(const Syntax& syntax, const std::string& place,
                                const std::string& key) {
  std::vector<std::string> names;
  if (!syntax.operand.empty()) names.push_back(operand_key(syntax));
  for (const Option& option : syntax.all_options()) {
    if (!is_about_configuration(option.name)) names.push_back(option.name);
  }
  throw UsageError(place + ": nflow " + syntax.command + " has no option '" + printable(key) + "'" +
                   did_you_mean(key, names));
}

void check_flag(const std::string& place, const Setting& setting) {
  if (setting.value == "yes" || setting.value == "no") return;
  throw UsageError(place + ": " + setting.key + ": '" + printable(setting.value) +
                   "' is not one of yes, no");
}

[[noreturn]] void throw_repeated(const std::string& place, const std::string& key,
                                 const std::string& before) {
  throw UsageError(place + ": '" + key + "' stands in " + before + " already");
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// Does the command line say otherwise?
bool is_overruled(const std::vector<Option>& options, const Option& option,
                  const Values& command_line) {
  return std::any_of(options.begin(), options.end(), [&](const Option& other) {
    return command_line.count(other.name) != 0 &&
           (other.name == option.name || contains(other.excludes, option.name) ||
            contains(option.excludes, other.name));
  });
}

const Option* find_named(const std::vector<Option>& options, const std::string& name) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const Option& option) {
    return option.name == name || (!name.empty() && option.formerly == name);
  });
  return found == options.end() ? nullptr : &*found;
}

}  // namespace

void add_config(const Syntax& syntax, Values& values, std::vector<std::string>& operands,
                Places& places) {
  const auto config = values.find("config");
  if (config == values.end()) return;
  const std::string path = config->second;
  if (path.empty()) throw UsageError("--config: the name of the file is empty");
  if (path == "-") throw UsageError("--config: a configuration is a file, not a stream");
  const Values command_line = values;
  const bool operand_given = !operands.empty();
  const std::vector<Option> options = syntax.all_options();  // made once for all settings
  for (const Setting& setting : parse_settings(read_whole(path), path)) {
    const std::string place = path + ":" + std::to_string(setting.line);
    const Option* option = find_named(options, setting.key);
    const std::string& key = option ? option->name : setting.key;
    const bool is_operand = !syntax.operand.empty() && key == operand_key(syntax);
    if (!is_operand && (!option || is_about_configuration(key))) throw_unknown(syntax, place, key);
    const auto before = places.find(key);
    const bool repeats = is_operand ? syntax.operand_repeats : option->repeats;
    if (before != places.end() && !repeats) {
      throw_repeated(place, key, before->second);
    }
    places.emplace(key, place);
    if (is_operand && operand_given) continue;
    if (!option) {
      operands.push_back(setting.value);
      continue;
    }
    if (option->is_flag()) check_flag(place, setting);
    if (is_overruled(options, *option, command_line)) continue;
    if (!option->is_flag()) values.emplace(key, setting.value);
    if (option->is_flag() && setting.value == "yes") values.emplace(key, "");
  }
  for (const auto& [name, value] : command_line) places.erase(name);
}

std::string config_file(const Arguments& arguments) {
  const Syntax& syntax = arguments.syntax();
  std::string text = "# For 'nflow " + syntax.command +
                     " --config FILE'. What begins with # is left to its default.\n";
  if (!syntax.operand.empty()) {
    text += "\n";
    const std::string key = operand_key(syntax);
    for (const std::string& file : arguments.operands()) append_setting(text, key, file);
    if (!arguments.operand() && !syntax.find(key)) {
      text += "# " + key + " = " + syntax.operand + "\n";
    }
  }
  for (const OptionGroup& group : syntax.all_groups()) {
    text += "\n# " + group.title + "\n";
    for (const Option& option : group.options) {
      if (is_about_configuration(option.name)) continue;
      const bool flag = option.is_flag();
      for (const std::string& value : arguments.all(option.name)) {
        append_setting(text, option.name, flag ? "yes" : value);
      }
      if (arguments.given(option.name)) continue;
      std::string line = "# " + option.name + " = " + (flag ? "yes|no" : option.value.name);
      line.resize(std::max<std::size_t>(line.size() + 1, 36), ' ');
      text += line + "# " + option.help + "\n";
    }
  }
  return text;
}

}  // namespace nflow::app
