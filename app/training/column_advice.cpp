#include "training/column_advice.h"

#include "nflow/csv.h"
#include "nflow/printable.h"

namespace nflow::app {
namespace {

const std::size_t kNamesShown = 8;

bool needs_quotes(const std::string& list) {
  return list.find_first_of(" \t'\"$`\\&|;<>()*?[]#~!{}") != list.npos;
}

}  // namespace

std::string columns_text(const std::vector<std::string>& names) {
  if (names.size() == 1) return "column '" + names.front() + "'";
  return "columns " + listed(names, kNamesShown);
}

std::string list_of_columns(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ',';
    append_field(list, name, ',');
  }
  return list;
}

std::string exclude_option(const std::vector<std::string>& names) {
  const std::string list = list_of_columns(names);
  return "--exclude " + (needs_quotes(list) ? "'" + list + "'" : list);
}

}  // namespace nflow::app
