#pragma once

#include <string>
#include <vector>

namespace nflow {

/// What the library was built with, and which of its kernels this processor runs.
struct BuildInfo {
  std::string compiler;  ///< "GCC 12.2.0"
  std::string eigen;     ///< "3.4.0"
  std::string kernels;   ///< "amx", "avx512", "avx2" or "baseline"
};
BuildInfo build_info();

/// The sets of kernels that this processor runs, best first.
std::vector<std::string> kernel_sets();

/// Makes all that follows compute with this set in place of the best. Processors that differ then
/// give the same bits, with one version of the C library, and where all of them have FMA or none:
/// its exp, log and the like are chosen by that. The sets from avx2 on imply FMA. Call it before
/// anything computes. Throws UsageError where the processor does not run it.
void use_kernel_set(const std::string& name);

}  // namespace nflow
