#pragma once

#include <string>

namespace nflow {

/// Processors that this process's control group may keep busy, rounded up; 0 where it sets no
/// limit. Knows cgroup v2 (cpu.max) and v1 (cpu.cfs_quota_us). A group is bound by those above it,
/// too. The arguments are where Linux has these files.
int cpu_quota(const std::string& membership = "/proc/self/cgroup",
              const std::string& root = "/sys/fs/cgroup");

}  // namespace nflow
