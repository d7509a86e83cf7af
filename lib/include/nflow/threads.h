#pragma once

namespace nflow {

/// The processors that this process may use: its affinity mask, cut to the cgroup's quota.
int available_threads();

}  // namespace nflow
