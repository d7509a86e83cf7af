#pragma once

#include <map>
#include <string>

namespace nflow::app {

/// All that the bytes of a model depend on, by the names of the options that decide it.
using Settings = std::map<std::string, std::string>;

/// The setting that need not be the same: see Journal.
inline constexpr const char* kKernels = "kernels";

/// What is resumed must be what would be begun: throws Error, with `name` of the checkpoint, that
/// says what differs.
void refuse_other_run(const std::string& name, Settings before, Settings now);

}  // namespace nflow::app
