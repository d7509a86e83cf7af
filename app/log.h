#pragma once

#include "options.h"

namespace nflow::app {

/// Sends spdlog's messages to standard error, one line each behind "nflow: ", and sets how much is
/// said: --quiet leaves errors only, --verbose adds spdlog::debug.
void start_log(const Arguments& arguments);

}  // namespace nflow::app
