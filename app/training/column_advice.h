#pragma once

#include <string>
#include <vector>

namespace nflow::app {

// Names of columns in messages and in the options that these advise.

/// "column 'a'", "columns a, b and 3 more".
std::string columns_text(const std::vector<std::string>& names);
/// "a,b": as options take it, with "" about a name with a comma.
std::string list_of_columns(const std::vector<std::string>& names);
/// --exclude with the names, fit for a shell.
std::string exclude_option(const std::vector<std::string>& names);

}  // namespace nflow::app
