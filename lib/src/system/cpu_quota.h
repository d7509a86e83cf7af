#pragma once

#include "system/control_groups.h"

namespace nflow {

/// Processors that this process's control groups may keep busy, rounded up; 0 where they set no
/// limit. Knows cgroup v2 (cpu.max) and v1 (cpu.cfs_quota_us).
int cpu_quota(const ControlGroupFiles& files = {});

}  // namespace nflow
