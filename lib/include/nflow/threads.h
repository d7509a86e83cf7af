#pragma once

namespace nflow {

/// The processors that this process may use: its affinity mask, cut to the cgroup's quota and
/// to SLURM_CPUS_PER_TASK.
int available_threads();

}  // namespace nflow
