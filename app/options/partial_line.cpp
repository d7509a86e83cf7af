#include "options/partial_line.h"

#include <filesystem>
#include <system_error>

#include "nflow/error.h"
#include "options/config.h"

namespace nflow::app {
namespace {

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

class Reader {
 public:
  explicit Reader(const Syntax& syntax) : syntax_(syntax), options_(syntax.all_options()) {}

  /// A word before the cursor.
  void take(const std::string& word) {
    if (line_.option) {
      line_.values.emplace(line_.option->name, word);
      line_.option.reset();
    } else if (line_.operands_only || word.size() < 2 || word[0] != '-') {
      line_.operands.push_back(word);
    } else if (word == "--") {
      line_.operands_only = true;
    } else if (word[1] == '-') {
      take_long(word);
    } else {
      take_letters(word);
    }
  }

  PartialLine finish(const std::string& word) {
    line_.word = word;
    const std::size_t equals = word.find('=');
    if (line_.option || line_.operands_only || !begins(word, "--") || equals == word.npos) {
      return line_;
    }
    line_.option = syntax_.find(word.substr(2, equals - 2));
    line_.before = word.substr(0, equals + 1);
    line_.word = word.substr(equals + 1);
    return line_;
  }

 private:
  void take_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::optional<Option> option = syntax_.find(word.substr(2, equals - 2));
    if (!option) return;
    if (equals != word.npos) {
      line_.values.emplace(option->name, word.substr(equals + 1));
    } else {
      begin(*option);
    }
  }

  /// "-qm MODEL", "-mMODEL"
  void take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      for (const Option& option : options_) {
        if (option.letter != word[i]) continue;
        if (!option.is_flag() && i + 1 < word.size()) {
          line_.values.emplace(option.name, word.substr(i + 1));
          return;
        }
        begin(option);
      }
    }
  }

  void begin(const Option& option) {
    if (option.is_flag()) {
      line_.values.emplace(option.name, "");
    } else {
      line_.option = option;
    }
  }

  const Syntax& syntax_;
  std::vector<Option> options_;
  PartialLine line_;
};

}  // namespace

PartialLine read_partial(const Syntax& syntax, const std::vector<std::string>& words) {
  Reader reader(syntax);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) reader.take(words[i]);
  PartialLine line = reader.finish(words.empty() ? "" : words.back());
  std::error_code ignored;
  const auto config = line.values.find("config");
  if (config == line.values.end() || !std::filesystem::is_regular_file(config->second, ignored)) {
    return line;  // a pipe would be read, and not come back
  }
  try {
    Places places;
    add_config(syntax, line.values, line.operands, places);
  } catch (const Error&) {  // is told when the command runs
  }
  return line;
}

}  // namespace nflow::app
