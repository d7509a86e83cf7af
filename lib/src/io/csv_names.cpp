#include "io/csv_names.h"

#include <unordered_set>

#include "io/latin1.h"
#include "nflow/printable.h"

namespace nflow {

std::vector<std::string> default_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back("x" + std::to_string(i));
  return names;
}

std::vector<std::string> names_in_header(const std::vector<Field>& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) {
    names.emplace_back(trim(field_value(field)));
    if (!is_utf8(names.back())) names.back() = from_latin1(names.back());
  }
  std::unordered_set<std::string> taken(names.begin(), names.end());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) continue;
    std::string name = "unnamed" + std::to_string(i + 1);
    while (!taken.insert(name).second) name += '_';
    names[i] = name;
  }
  return names;
}

}  // namespace nflow
