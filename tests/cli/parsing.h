#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// Regular expressions and JSON. What reads them is instantiated here alone: in each file that took
// half of the time to compile it.

namespace cli {

/// The whole text and the pattern's groups; nothing where the pattern does not fit the whole.
std::vector<std::string> groups(const std::string& text, const std::string& pattern);

bool matches(const std::string& text, const std::string& pattern);
bool has_match(const std::string& text, const std::string& pattern);
std::string replaced(const std::string& text, const std::string& pattern, const std::string& by);

/// What the text says in JSON; a discarded value, of which nothing can be asked, where it is none.
nlohmann::json parsed(const std::string& text);

}  // namespace cli
