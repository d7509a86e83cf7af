#include "system/control_groups.h"

#include <fstream>
#include <sstream>

namespace nflow {

std::vector<ControlGroup> control_groups(const std::string& controller,
                                         const ControlGroupFiles& files) {
  std::vector<ControlGroup> groups;
  std::ifstream file(files.membership);
  // Lines of "hierarchy:controllers:/group"; the second version has no controllers here.
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string hierarchy, controllers, group;
    std::getline(fields, hierarchy, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, group);
    if (group.empty() || group.front() != '/') continue;
    const bool first = !controllers.empty();
    if (first && ("," + controllers + ",").find("," + controller + ",") == std::string::npos)
      continue;
    const std::string root = first ? files.root + "/" + controller : files.root;
    for (; group.size() > 1; group.erase(group.rfind('/'))) groups.push_back({root + group, first});
    groups.push_back({root, first});
  }
  return groups;
}

}  // namespace nflow
