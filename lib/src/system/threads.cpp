#include "nflow/threads.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "system/cpu_quota.h"
#include "tile.h"

namespace nflow {
namespace {

int affine_processors() {
  // The kernel refuses a mask smaller than its own, which a machine with over 1024 processors has.
  for (std::size_t sets = 1; sets <= 1024; sets *= 2) {
    std::vector<cpu_set_t> mask(sets);
    const std::size_t bytes = sets * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, mask.data()) == 0) return CPU_COUNT_S(bytes, mask.data());
    if (errno != EINVAL) break;
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

/// Where queues say how many processors the job has, which they may not bind it to: Slurm, PBS,
/// Grid Engine, LSF. A user says so for programs with OpenMP, of which this is one in all but name.
constexpr const char* kVariables[] = {"SLURM_CPUS_PER_TASK", "PBS_NCPUS",      "NCPUS", "NSLOTS",
                                      "LSB_DJOB_NUMPROC",    "OMP_NUM_THREADS"};

/// 0 where the variable says nothing. OpenMP has a list there, for loops within loops.
int count_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (!text) return 0;
  int count = 0;
  const char* end = text + std::strcspn(text, ",");
  const auto [stop, error] = std::from_chars(text, end, count);
  return error == std::errc() && stop == end ? std::max(count, 0) : 0;
}

}  // namespace

int available_threads() {
  int threads = std::max(1, affine_processors());
  const auto cut = [&](int limit) { threads = limit > 0 ? std::min(threads, limit) : threads; };
  cut(cpu_quota());
  for (const char* variable : kVariables) cut(count_in(variable));
  return threads;
}

int useful_threads(int threads, std::int64_t rows) {
  constexpr std::int64_t most_shards = 16;  // of a batch, however few the rows
  const std::int64_t tiles = (rows + kTileRows - 1) / kTileRows;
  const std::int64_t useful = std::max({tiles, most_shards, std::int64_t{available_threads()}});
  return static_cast<int>(std::min<std::int64_t>(threads, useful));
}

}  // namespace nflow
