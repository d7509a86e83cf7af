#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace nflow {

/// Why a document is refused, to stand behind its name: "cannot be read".
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a reader wants of a document.
struct JsonMembers {
  /// The most values in that member of the document.
  std::function<std::size_t(const std::string& key)> most_values;
  /// Is this member wanted? `parent` is the member of the document that it stands in, and empty for
  /// those of the document itself.
  std::function<bool(const std::string& parent, const std::string& key)> wanted;
  /// Gets the wanted members of the document one by one, each as soon as it is read.
  std::function<void(const std::string& key, nlohmann::json&& value)> take;
};

/// Reads an object without deep nesting and without duplicate keys, which readers take in different
/// ways. Takes time in proportion to the text, and memory for what is wanted alone. Throws
/// JsonError.
void read_members(std::string_view text, nlohmann::json::input_format_t format,
                  const JsonMembers& members);

}  // namespace nflow
