#include <algorithm>

#include "options/options.h"

namespace nflow::app {
namespace {

/// Names and values beyond it stand out, and do not push the help of all others to the right.
const std::size_t kWidest = 34;

/// "  -o, --output FILE" of a help line.
std::string left_side(const Option& option) {
  std::string text = option.letter == 0 ? "      " : std::string("  -") + option.letter + ", ";
  text += "--" + option.name;
  return option.is_flag() ? text : text + " " + option.value.name;
}

}  // namespace

std::string short_help(const Syntax& syntax) {
  std::string text;
  for (const std::string& line : syntax.usage) {
    text += (text.empty() ? "usage: nflow " : "       nflow ") + line + "\n";
  }
  text += "\n" + syntax.about + "\nExamples:\n";
  for (const std::string& example : syntax.examples) text += "  " + example + "\n";
  return text;
}

std::string help_text(const Syntax& syntax) {
  std::size_t width = 0;
  for (const Option& option : syntax.all_options()) {
    const std::size_t size = left_side(option).size();
    if (size <= kWidest) width = std::max(width, size);
  }
  std::string text = short_help(syntax);
  for (const OptionGroup& group : syntax.all_groups()) {
    text += "\n" + group.title + ":\n";
    for (const Option& option : group.options) {
      std::string line = left_side(option);
      line.resize(std::max(width, line.size()) + 2, ' ');
      text += line + option.help + "\n";
    }
  }
  if (!syntax.closing.empty()) text += "\n" + syntax.closing;
  return text + "\n'man nflow-" + syntax.command + "' has the whole of it.\n";
}

}  // namespace nflow::app
