#include "kernels/kernels.h"

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
}  // namespace avx512

namespace {

// Each set that this processor runs, best first.
constexpr int kTargets = 3;
bool runs(int index) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (index == 0) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512cd");
  }
  if (index == 1) {
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
  const Kernels<float>* all[] = {&avx512::float_kernels, &avx2::float_kernels,
                                 &baseline::float_kernels};
  return all[index];
}
template <>
const Kernels<double>* target(int index) {
  const Kernels<double>* all[] = {&avx512::double_kernels, &avx2::double_kernels,
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

template <class T>
const Kernels<T>& best() {
  int index = 0;
  while (!runs(index)) ++index;
  return *target<T>(index);
}

}  // namespace

template <class T>
const Kernels<T>& kernels() {
  static const Kernels<T>& chosen = best<T>();
  return chosen;
}

template <class T>
const Kernels<T>* kernels_compiled(int index) {
  for (int i = 0; i < kTargets; ++i) {
    if (runs(i) && index-- == 0) return target<T>(i);
  }
  return nullptr;
}

template const Kernels<float>& kernels<float>();
template const Kernels<double>& kernels<double>();
template const Kernels<float>* kernels_compiled<float>(int);
template const Kernels<double>* kernels_compiled<double>(int);

}  // namespace nflow
