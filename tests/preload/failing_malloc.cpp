// Loaded before the C library by LD_PRELOAD: the allocation of the number in NFLOW_TEST_FAILS_AT,
// counted from 1, finds no memory.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

extern "C" void* __libc_malloc(std::size_t size);  // NOLINT: glibc's own name

namespace {

std::atomic<long> made{0};

long failing() {
  static const char* const text = std::getenv("NFLOW_TEST_FAILS_AT");
  static const long number = text == nullptr ? 0 : std::strtol(text, nullptr, 10);
  return number;
}

}  // namespace

extern "C" void* malloc(std::size_t size) noexcept {
  if (++made != failing()) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}
