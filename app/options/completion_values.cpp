// What can stand in the value of an option follows from its kind.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/printable.h"
#include "nflow/registry.h"
#include "options/completion.h"

namespace nflow::app {
namespace {

using Names = std::vector<std::string>;

/// The shell has not read the word yet, and ~ is for it to read.
std::string without_tilde(const std::string& path) {
  const char* home = std::getenv("HOME");
  return path.compare(0, 2, "~/") == 0 && home != nullptr ? home + path.substr(1) : path;
}

/// The columns of the table on the command line, or of the model where no table is named.
Names columns_at_hand(const Arguments& arguments) {
  const bool reads_data = arguments.syntax().operand == "DATA" && arguments.operand();
  const std::string path =
      without_tilde(reads_data ? *arguments.operand() : arguments.text("model", ""));
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return {};  // a pipe would not come back
  try {
    if (reads_data) return CsvReader(path, csv_format(arguments)).names();
    const Model model = load_model(path);
    Names names = model.columns;
    names.insert(names.end(), model.context.begin(), model.context.end());
    return names;
  } catch (const Error&) {  // is told when the command runs
    return {};
  }
}

/// One more column behind the last comma of `word`, where a list may have several.
Completion columns(const std::string& word, const Arguments& arguments, bool several,
                   const std::string& end) {
  const std::size_t comma = several ? word.rfind(',') : word.npos;
  const std::string before = comma == word.npos ? "" : word.substr(0, comma + 1);
  Completion found;
  found.open = several;
  const Names names = columns_at_hand(arguments);
  const std::string list = "," + before;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool listed = list.find("," + names[i] + ",") != list.npos;
    // A name that would move the cursor is for its number.
    if (printable(names[i], names[i].size() + 1) != names[i]) continue;
    if (listed || (several && names[i].find(',') != names[i].npos)) continue;
    std::string list_with_it = before;
    list_with_it.append(names[i]).append(end);
    found.candidates.push_back({list_with_it, "column " + std::to_string(i + 1)});
  }
  return found;
}

Completion support(const std::string& word, const Arguments& arguments) {
  const std::size_t equals = word.rfind('=');
  if (equals == word.npos) return columns(word, arguments, true, "=");
  const std::string before = word.substr(0, equals + 1);
  Completion found;
  found.open = true;
  found.candidates = {{before + "REAL", "anywhere"},
                      {before + "POSITIVE", "above 0"},
                      {before + "INTEGER", "whole numbers"},
                      {before + "[", "lo,hi]: between two bounds"},
                      {before + "CIRCULAR[", "lo,hi]: a circle, on which lo is hi"}};
  return found;
}

/// What a link's option is for, where the command has an option of the same name.
Candidate link_option(const std::string& before, const std::string& key, const Syntax& syntax) {
  const std::optional<Option> same = syntax.find(key);
  return {before + key + "=", same ? same->help : "an option of this transform"};
}

/// The chain as far as it is typed: names of transforms, their options behind colons.
Completion chain(const std::string& word, const Syntax& syntax) {
  Completion found;
  found.open = true;
  const std::size_t comma = word.rfind(',');
  const std::size_t first = comma == word.npos ? 0 : comma + 1;
  const std::size_t colon = word.find(':', first);
  if (colon == word.npos) {
    for (const FlowKind* kind : flow_kinds()) {
      found.candidates.push_back({word.substr(0, first) + kind->name, kind->summary});
    }
    return found;
  }
  const std::size_t last = word.rfind(':') + 1, equals = word.find('=', last);
  if (equals != word.npos) {
    const std::optional<Option> same = syntax.find(word.substr(last, equals - last));
    for (const std::string& choice : same ? choices_of(same->value) : Names()) {
      found.candidates.push_back({word.substr(0, equals + 1) + choice, ""});
    }
    return found;
  }
  for (const FlowKind* kind : flow_kinds()) {
    if (kind->name != word.substr(first, colon - first)) continue;
    for (const std::string& key : kind->options) {
      if (word.find(":" + key + "=", first) != word.npos) continue;
      found.candidates.push_back(link_option(word.substr(0, last), key, syntax));
    }
  }
  return found;
}

Completion choices(const Value& value) {
  Completion found;
  for (const std::string& choice : choices_of(value)) found.candidates.push_back({choice, ""});
  return found;
}

Completion files() {
  Completion found;
  found.files = true;
  return found;
}

}  // namespace

Completion complete_value(const Option& option, const std::string& word,
                          const Arguments& arguments) {
  switch (option.value.kind) {
    case ValueKind::choice:
      return choices(option.value);
    case ValueKind::file:
      return files();
    case ValueKind::column:
      return columns(word, arguments, false, "");
    case ValueKind::columns:
      return columns(word, arguments, true, "");
    case ValueKind::support:
      return support(word, arguments);
    case ValueKind::flow:
      return chain(word, arguments.syntax());
    default:
      return {};
  }
}

}  // namespace nflow::app
