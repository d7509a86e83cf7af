#include "options.h"

#include <algorithm>

#include "nflow/error.h"

namespace nflow::app {

std::vector<OptionGroup> Syntax::all_groups() const {
  std::vector<OptionGroup> all = groups;
  all.push_back(common_group(command));
  return all;
}

std::vector<Option> Syntax::all_options() const {
  std::vector<Option> all;
  for (const OptionGroup& group : all_groups()) {
    all.insert(all.end(), group.options.begin(), group.options.end());
  }
  return all;
}

std::optional<Option> Syntax::find(const std::string& name) const {
  for (const Option& option : all_options()) {
    if (option.name == name) return option;
  }
  return std::nullopt;
}

bool names_file(const Option& option) {
  return option.value == "FILE" || option.value == "CSV" || option.value == "MODEL";
}

std::vector<std::string> choices_of(const Option& option) {
  std::vector<std::string> choices;
  if (option.value.find('|') == option.value.npos) return choices;
  std::string choice;
  for (const char c : option.value + "|") {
    if (c != '|') {
      choice += c;
    } else {
      choices.push_back(choice);
      choice.clear();
    }
  }
  return choices;
}

Arguments::Arguments(Syntax syntax, Values values, std::optional<std::string> operand,
                     std::map<std::string, std::string> places)
    : syntax_(std::move(syntax)),
      values_(std::move(values)),
      operand_(std::move(operand)),
      places_(std::move(places)) {}

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
  const std::optional<Option> option = syntax_.find(name);
  const char letter = option ? option->letter : '\0';
  throw UsageError("nflow " + syntax_.command + " needs " +
                   (letter == 0 ? "--" + name : std::string("-") + letter) + " " +
                   (option ? option->value : "") + "; see 'nflow " + syntax_.command + " --help'");
}

std::uint64_t Arguments::count(const std::string& name, std::uint64_t fallback, std::uint64_t min,
                               std::uint64_t max) const {
  return given(name) ? parse_count(spelling(name), text(name, ""), min, max) : fallback;
}

double Arguments::real(const std::string& name, double fallback, Range range) const {
  return given(name) ? parse_real(spelling(name), text(name, ""), range) : fallback;
}

double Arguments::duration(const std::string& name, double fallback) const {
  return given(name) ? parse_duration(spelling(name), text(name, "")) : fallback;
}

std::string Arguments::spelling(const std::string& name) const {
  const auto place = places_.find(name);
  return place == places_.end() ? "--" + name : place->second + ": " + name;
}

void Arguments::check() const {
  if (operand_ == "") throw UsageError(syntax_.operand + ": '' is no file");
  for (const Option& option : syntax_.all_options()) {
    if (!given(option.name)) continue;
    for (const std::string& other : option.excludes) {
      if (!given(other)) continue;
      throw UsageError(spelling(other) + " and --" + option.name + " exclude each other");
    }
    const std::vector<std::string> choices = choices_of(option);
    const std::string value = text(option.name, "");
    if (value.empty() && names_file(option)) {
      throw UsageError(spelling(option.name) + ": '' is no file");
    }
    if (choices.empty() || std::count(choices.begin(), choices.end(), value) > 0) continue;
    std::string list;
    for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
    throw UsageError(spelling(option.name) + ": '" + value + "' is not one of " + list);
  }
}

}  // namespace nflow::app
