#pragma once

#include <cstdint>

#include "system/control_groups.h"

namespace nflow {

inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

/// What each says that may still be taken; kUnlimited where it says nothing. Memory that only
/// caches files counts as free.
std::uint64_t left_by_address_space();
std::uint64_t left_by_control_groups(const ControlGroupFiles& files = {});
std::uint64_t left_by_machine(const std::string& meminfo = "/proc/meminfo");

}  // namespace nflow
