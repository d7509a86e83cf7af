#include "options/version_text.h"

#include "nflow/build.h"
#include "nflow/threads.h"
#include "nflow/version.h"

namespace nflow::app {

std::string version_text(bool verbose) {
  std::string text = std::string("nflow ") + kVersion + "\n";
  if (!verbose) return text;
  const BuildInfo build = build_info();
  text += "compiler  " + build.compiler + "\n";
  text += "Eigen     " + build.eigen + "\n";
  text += "kernels   " + build.kernels + "\n";
  text += "threads   " + std::to_string(available_threads()) + "\n";
  return text;
}

}  // namespace nflow::app
