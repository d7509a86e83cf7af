#pragma once

#include <cstdint>

namespace nflow {

/// The processors that this process may use: its affinity mask, cut to the cgroup's quota, to what
/// a queue gave the job (SLURM_CPUS_PER_TASK, PBS_NCPUS, NCPUS, NSLOTS, LSB_DJOB_NUMPROC) and to
/// OMP_NUM_THREADS.
int available_threads();

/// How many of the threads that were asked for a training on `rows` rows has work for; not fewer
/// than the processors, which may share the work on each row's parameters.
int useful_threads(int threads, std::int64_t rows);

}  // namespace nflow
