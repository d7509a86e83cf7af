#include "options/options.h"

#include "nflow/error.h"

namespace nflow::app {
namespace {

std::vector<std::string> all_of(const std::multimap<std::string, std::string>& texts,
                                const std::string& name) {
  std::vector<std::string> list;
  const auto [first, last] = texts.equal_range(name);
  for (auto text = first; text != last; ++text) list.push_back(text->second);
  return list;
}

}  // namespace

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
  std::optional<Option> former;
  for (const Option& option : all_options()) {
    if (option.name == name) return option;
    if (!name.empty() && option.formerly == name) former = option;
  }
  return former;
}

Arguments::Arguments(Syntax syntax, Values values, std::vector<std::string> operands, Places places)
    : syntax_(std::move(syntax)),
      values_(std::move(values)),
      operands_(std::move(operands)),
      places_(std::move(places)) {}

bool Arguments::given(const std::string& name) const { return values_.count(name) != 0; }

std::optional<std::string> Arguments::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::make_optional(found->second);
}

std::optional<std::string> Arguments::operand() const {
  return operands_.empty() ? std::nullopt : std::make_optional(operands_.front());
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  return all_of(values_, name);
}

std::string Arguments::text(const std::string& name, const std::string& fallback) const {
  return find(name).value_or(fallback);
}

std::string Arguments::required(const std::string& name) const {
  if (given(name)) return text(name, "");
  const std::optional<Option> option = syntax_.find(name);
  if (name == "model" && !operands_.empty()) {
    throw UsageError("nflow " + syntax_.command + " needs -m MODEL; if '" + operands_.front() +
                     "' is the model, write -m " + operands_.front());
  }
  const char letter = option ? option->letter : '\0';
  throw UsageError("nflow " + syntax_.command + " needs " +
                   (letter == 0 ? "--" + name : std::string("-") + letter) + " " +
                   (option ? option->value.name : "") + "; see 'nflow " + syntax_.command +
                   " --help'");
}

std::uint64_t Arguments::count(const std::string& name, std::uint64_t fallback) const {
  if (!given(name)) return fallback;
  const Value value = syntax_.find(name)->value;
  return parse_count(spelling(name), text(name, ""), value.least, value.most);
}

double Arguments::real(const std::string& name, double fallback) const {
  if (!given(name)) return fallback;
  return parse_real(spelling(name), text(name, ""), syntax_.find(name)->value.range);
}

double Arguments::duration(const std::string& name, double fallback) const {
  return given(name) ? parse_duration(spelling(name), text(name, "")) : fallback;
}

std::string Arguments::spelling(const std::string& name) const {
  const auto place = places_.find(name);
  return spelling_of(name, place == places_.end() ? "" : place->second);
}

void Arguments::check() const {
  for (const std::string& file : operands_) {
    if (file.empty()) throw UsageError(syntax_.operand + ": '' is no file");
  }
  for (const Option& option : syntax_.all_options()) {
    if (!given(option.name)) continue;
    for (const std::string& other : option.excludes) {
      if (!given(other)) continue;
      throw UsageError(spelling(other) + " and --" + option.name + " exclude each other");
    }
    const std::vector<std::string> values = all(option.name);
    std::vector<std::string> places = all_of(places_, option.name);
    places.resize(values.size());  // those of a command line have none
    for (std::size_t i = 0; i < values.size(); ++i) {
      check_value(option.value, option.name, places[i], values[i]);
    }
  }
}

}  // namespace nflow::app
