#pragma once

#include <cstdint>
#include <string>

#include "processes/world.h"

namespace nflow::app {

// What commands ask of the processes that run them, one or several.

/// The sum of a count over all processes.
std::uint64_t sum_of_all(std::uint64_t count);

/// Writes a text to standard output, once.
void print(const std::string& text);

/// Throws UsageError where several processes would read one standard input.
void refuse_shared_input(const std::string& path);

}  // namespace nflow::app
