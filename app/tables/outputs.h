#pragma once

#include <string>

#include "options/options.h"

namespace nflow::app {

/// Throws UsageError where the command line would write over one of its own inputs, or write two
/// outputs to one file, however they are spelt.
void refuse_overwriting(const Arguments& arguments);

}  // namespace nflow::app
