#pragma once

#include <string>
#include <vector>

namespace nflow {

/// Where Linux says what control groups this process is in, and has their files.
struct ControlGroupFiles {
  std::string membership = "/proc/self/cgroup";
  std::string root = "/sys/fs/cgroup";
};

struct ControlGroup {
  std::string folder;
  bool first_version;
};

/// The groups that bind this process in what `controller` ("cpu", "memory") controls: its own and
/// those above it. Inside a container the group's own folder may be out of sight; the root is then
/// the container's.
std::vector<ControlGroup> control_groups(const std::string& controller,
                                         const ControlGroupFiles& files = {});

}  // namespace nflow
