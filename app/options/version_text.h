#pragma once

#include <string>

namespace nflow::app {

/// What --version prints; `verbose`: with what nflow was built and computes.
std::string version_text(bool verbose);

}  // namespace nflow::app
