#include "nflow/threads.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <thread>
#include <vector>

#include "io/cpu_quota.h"

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

}  // namespace

int available_threads() {
  const int processors = std::max(1, affine_processors());
  const int quota = cpu_quota();
  return quota > 0 ? std::min(processors, quota) : processors;
}

}  // namespace nflow
