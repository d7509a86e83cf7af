#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "options/values.h"

namespace nflow::app {

/// What the text of an option's value must be. Command lines, configuration files and completion
/// all go by it.
enum class ValueKind {
  none,       ///< a flag has no value
  choice,     ///< one of the words that the value's name lists: "yes|no|auto"
  whole,      ///< a whole number within bounds
  real,       ///< a number within bounds
  duration,   ///< "90s", "3h30m"
  size,       ///< of memory: "512M"
  mark,       ///< a character that no number has
  delimiter,  ///< the same, or the word blanks
  decimal,    ///< a point or a comma
  file,       ///< the name of one
  column,     ///< its name or number
  columns,    ///< a list of them, with ranges
  support,    ///< "COLUMN=SUPPORT"
  flow,       ///< a chain of transforms
  link,       ///< what transforms take for their option of the same name
  shares,     ///< "0.05,0.5": shares between 0 and 1
  grid,       ///< "LO,HI,N": so many values from one to the other
  text        ///< anything
};

/// The value of an option, as its table describes it.
struct Value {
  ValueKind kind;
  std::string name;         ///< in --help and the manual
  std::uint64_t least = 0;  ///< of a whole number
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  Range range = {};  ///< of a number

  Value(ValueKind value_kind, std::string value_name);
  /// The value of a name that stands for one kind wherever it is: "" is a flag, "a|b|c" a choice,
  /// "FILE" a file; option_value.cpp has the list. Implicit, for the tables of options.
  Value(const char* value_name);
};

Value whole_number(const char* name, std::uint64_t least, std::uint64_t most);
Value real_number(const char* name, Range range);

/// The words of a choice; none for other kinds.
std::vector<std::string> choices_of(const Value& value);

/// The option as the user gave it, for messages: "--epochs", or "job.conf:3: epochs" where `place`
/// is "job.conf:3".
std::string spelling_of(const std::string& name, const std::string& place);

/// Throws UsageError where `text` cannot be the value of the option `name`. `place` is that of the
/// text in a configuration file, or empty. Columns are for the table to know.
void check_value(const Value& value, const std::string& name, const std::string& place,
                 const std::string& text);

}  // namespace nflow::app
