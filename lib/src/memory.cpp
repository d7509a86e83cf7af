#include "memory.h"

#include <sys/mman.h>

#include <cstdint>

namespace nflow {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Below this the blocks at both ends that huge pages cannot fill would be most of it.
constexpr std::size_t kFewestBytes = 2 * kHugePage;

}  // namespace

void prefer_huge_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes < kFewestBytes) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  const std::uintptr_t end = (begin + bytes) / kHugePage * kHugePage;
  if (first < end) madvise(static_cast<char*>(data) + (first - begin), end - first, MADV_HUGEPAGE);
#endif
}

std::size_t alignment_of(std::size_t bytes) { return bytes < kFewestBytes ? 64 : kHugePage; }

}  // namespace nflow
