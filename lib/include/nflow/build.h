#pragma once

#include <string>

namespace nflow {

/// What the library was built with, and which of its kernels this processor runs.
struct BuildInfo {
  std::string compiler;  ///< "GCC 12.2.0"
  std::string eigen;     ///< "3.4.0"
  std::string kernels;   ///< "avx512", "avx2" or "baseline"
};
BuildInfo build_info();

}  // namespace nflow
