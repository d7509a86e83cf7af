#include "cli/parsing.h"

#include <regex>

namespace cli {

std::vector<std::string> groups(const std::string& text, const std::string& pattern) {
  std::smatch found;
  if (!std::regex_match(text, found, std::regex(pattern))) return {};
  return {found.begin(), found.end()};
}

bool matches(const std::string& text, const std::string& pattern) {
  return !groups(text, pattern).empty();
}

bool has_match(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex(pattern));
}

std::string replaced(const std::string& text, const std::string& pattern, const std::string& by) {
  return std::regex_replace(text, std::regex(pattern), by);
}

nlohmann::json parsed(const std::string& text) {
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace cli
