#pragma once

#include <string>

#include "options.h"

namespace nflow::app {

/// Throws UsageError where the command line would write over one of its own inputs, or write two
/// outputs to one file, however they are spelt.
void refuse_overwriting(const Arguments& arguments);

/// Throws UsageError where that output is a terminal: `what`, such as "a model", is binary.
void refuse_terminal(const std::string& path, const std::string& what);

}  // namespace nflow::app
