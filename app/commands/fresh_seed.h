#pragma once

#include <cstdint>

#include "options/options.h"

namespace nflow::app {

/// --seed, or one that is drawn here, and told with the messages: what draws the same rows again.
std::uint64_t seed_of(const Arguments& arguments);

}  // namespace nflow::app
