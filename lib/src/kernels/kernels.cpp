#include "kernels/kernels.h"

#include "nflow/build.h"
#include "nflow/error.h"
#include "nflow/printable.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nflow {
namespace baseline {
extern const Kernels<float> float_kernels;
extern const Kernels<double> double_kernels;
}  // namespace baseline
namespace avx2 {
extern const Kernels<float> float_kernels;
extern const Kernels<double> double_kernels;
}  // namespace avx2
namespace avx512 {
extern const Kernels<float> float_kernels;
extern const Kernels<double> double_kernels;
extern const Kernels<float> amx_float_kernels;
extern const Kernels<float> bf16_float_kernels;
}  // namespace avx512

namespace {

#if defined(__x86_64__)
/// Does the processor have tiles of bfloat16, and does the system let this process use them?
bool runs_tiles() {
#if defined(__linux__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned bfloat16 = 1u << 22, tiles = 1u << 24;
  if ((d & bfloat16) == 0 || (d & tiles) == 0) return false;
  constexpr long request_permission = 0x1023, tile_data = 18;  // of asm/prctl.h, from Linux 5.16 on
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}
#endif

// Best first.
constexpr const char* kTargetNames[] = {"amx", "avx512bf16", "avx512", "avx2", "baseline"};
constexpr int kTargets = 5;

bool runs(int index) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (index == 0) return runs(2) && runs_tiles();
  if (index == 1) return runs(2) && __builtin_cpu_supports("avx512bf16");
  if (index == 2) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512cd");
  }
  if (index == 3) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  }
#endif
  return index == kTargets - 1;
}

template <class T>
const Kernels<T>* target(int index);
#if defined(__x86_64__)
template <>
const Kernels<float>* target(int index) {
  const Kernels<float>* all[] = {&avx512::amx_float_kernels, &avx512::bf16_float_kernels,
                                 &avx512::float_kernels, &avx2::float_kernels,
                                 &baseline::float_kernels};
  return all[index];
}
template <>
const Kernels<double>* target(int index) {
  const Kernels<double>* all[] = {&avx512::double_kernels, &avx512::double_kernels,
                                  &avx512::double_kernels, &avx2::double_kernels,
                                  &baseline::double_kernels};
  return all[index];
}
#else
template <>
const Kernels<float>* target(int) {
  return &baseline::float_kernels;
}
template <>
const Kernels<double>* target(int) {
  return &baseline::double_kernels;
}
#endif

int best() {
  int index = 0;
  while (!runs(index)) ++index;
  return index;
}

template <class T>
const Kernels<T>*& chosen() {
  static const Kernels<T>* kernels = target<T>(best());
  return kernels;
}

}  // namespace

template <class T>
const Kernels<T>& kernels() {
  return *chosen<T>();
}

template <class T>
const Kernels<T>* kernels_compiled(int index) {
  for (int i = 0; i < kTargets; ++i) {
    if (runs(i) && index-- == 0) return target<T>(i);
  }
  return nullptr;
}

std::vector<std::string> kernel_sets() {
  std::vector<std::string> names;
  for (int i = 0; i < kTargets; ++i) {
    if (runs(i)) names.emplace_back(kTargetNames[i]);
  }
  return names;
}

void use_kernel_set(const std::string& name) {
  for (int i = 0; i < kTargets; ++i) {
    if (name != kTargetNames[i] || !runs(i)) continue;
    chosen<float>() = target<float>(i);
    chosen<double>() = target<double>(i);
    return;
  }
  throw UsageError("kernels '" + name + "' of NFLOW_KERNELS: this processor runs " +
                   joined(kernel_sets()));
}

template const Kernels<float>& kernels<float>();
template const Kernels<double>& kernels<double>();
template const Kernels<float>* kernels_compiled<float>(int);
template const Kernels<double>* kernels_compiled<double>(int);

}  // namespace nflow
