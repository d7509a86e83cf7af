#pragma once

#include <cstdint>

namespace nflow {

/// Bytes that this process may still take: what its limit of address space (ulimit -v), its control
/// groups and the machine leave. `processes` share the latter two evenly. The largest number where
/// nothing is known.
std::uint64_t available_memory(int processes = 1);

}  // namespace nflow
