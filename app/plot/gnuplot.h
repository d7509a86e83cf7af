#pragma once

#include <string>

namespace nflow::app {

/// What gnuplot writes for a script: the bytes of a picture. Runs the gnuplot of the path, without
/// a shell, the user's settings or files of its own. Throws Error where there is none, and where it
/// finds fault with the script.
std::string run_gnuplot(const std::string& script);

}  // namespace nflow::app
