#include "options/option_value.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "nflow/error.h"
#include "nflow/flow_spec.h"
#include "nflow/printable.h"
#include "options/question_values.h"
#include "tables/column_supports.h"

namespace nflow::app {
namespace {

constexpr struct {
  const char* name;
  ValueKind kind;
} kNames[] = {{"", ValueKind::none},
              {"FILE", ValueKind::file},
              {"CSV", ValueKind::file},
              {"MODEL", ValueKind::file},
              {"COLUMN", ValueKind::column},
              {"LIST", ValueKind::columns},
              {"COLUMN=SUPPORT", ValueKind::support},
              {"SPEC", ValueKind::flow},
              {"DURATION", ValueKind::duration},
              {"SIZE", ValueKind::size},
              {"P,...", ValueKind::shares},
              {"LO,HI,N", ValueKind::grid},
              {"TOKENS", ValueKind::text},
              {"EXPRESSION", ValueKind::text}};

ValueKind kind_of(const std::string& name) {
  if (name.find('|') != name.npos) return ValueKind::choice;
  for (const auto& known : kNames) {
    if (name == known.name) return known.kind;
  }
  throw std::logic_error("no kind of values is called " + name);
}

/// A flow's messages say what they are about; of a file they lack the line.
template <class Check>
void with_place(const std::string& place, const Check& check) {
  try {
    check();
  } catch (const UsageError& problem) {
    throw UsageError(place.empty() ? problem.what() : place + ": " + problem.what());
  }
}

void check_choice(const Value& value, const std::string& spelling, const std::string& text) {
  const std::vector<std::string> choices = choices_of(value);
  if (std::count(choices.begin(), choices.end(), text) > 0) return;
  throw UsageError(spelling + ": '" + text + "' is not one of " + joined(choices));
}

}  // namespace

std::string spelling_of(const std::string& name, const std::string& place) {
  return place.empty() ? "--" + name : place + ": " + name;
}

Value::Value(ValueKind value_kind, std::string value_name)
    : kind(value_kind), name(std::move(value_name)) {}

Value::Value(const char* value_name) : Value(kind_of(value_name), value_name) {}

Value whole_number(const char* name, std::uint64_t least, std::uint64_t most) {
  Value value(ValueKind::whole, name);
  value.least = least;
  value.most = most;
  return value;
}

Value real_number(const char* name, Range range) {
  Value value(ValueKind::real, name);
  value.range = range;
  return value;
}

std::vector<std::string> choices_of(const Value& value) {
  std::vector<std::string> choices;
  if (value.kind != ValueKind::choice) return choices;
  choices.emplace_back();
  for (const char c : value.name) {
    if (c == '|') {
      choices.emplace_back();
    } else {
      choices.back() += c;
    }
  }
  return choices;
}

void check_value(const Value& value, const std::string& name, const std::string& place,
                 const std::string& text) {
  const std::string spelling = spelling_of(name, place);
  switch (value.kind) {
    case ValueKind::choice:
      return check_choice(value, spelling, text);
    case ValueKind::whole:
      return void(parse_count(spelling, text, value.least, value.most));
    case ValueKind::real:
      return void(parse_real(spelling, text, value.range));
    case ValueKind::duration:
      return void(parse_duration(spelling, text));
    case ValueKind::size:
      return void(parse_size(spelling, text));
    case ValueKind::delimiter:
      return void(parse_delimiter(spelling, text));
    case ValueKind::mark:
      return void(parse_mark(spelling, text));
    case ValueKind::decimal:
      return void(parse_decimal(spelling, text));
    case ValueKind::file:
      if (text.empty()) throw UsageError(spelling + ": '' is no file");
      return;
    case ValueKind::support:
      return void(parse_support_options({text}, spelling));
    case ValueKind::flow:
      return with_place(place, [&] { parse_flow(text); });
    case ValueKind::link:
      return with_place(place, [&] { check_flow_option(name, text); });
    case ValueKind::shares:
      return void(parse_shares(spelling, text));
    case ValueKind::grid:
      return void(parse_grid(spelling, text));
    case ValueKind::none:
    case ValueKind::column:
    case ValueKind::columns:
    case ValueKind::text:
      return;
  }
}

}  // namespace nflow::app
