#include "io/cpu_quota.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

namespace nflow {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

double processors(double quota, double period) {
  return quota > 0 && period > 0 ? quota / period : unlimited;
}

/// "50000 100000", or "max 100000" where there is no limit.
double quota_v2(const std::string& folder) {
  double quota = 0;
  double period = 0;
  std::ifstream(folder + "/cpu.max") >> quota >> period;
  return processors(quota, period);
}

/// A quota of -1 is none.
double quota_v1(const std::string& folder) {
  double quota = 0;
  double period = 0;
  std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
  std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  return processors(quota, period);
}

/// The least quota from `group` up to the root. Inside a container the group's own folder may be
/// out of sight; the root is then the container's.
double least_quota(const std::string& root, std::string group,
                   double (*quota)(const std::string&)) {
  double least = quota(root);
  while (group.size() > 1) {
    least = std::min(least, quota(root + group));
    group.erase(group.rfind('/'));
  }
  return least;
}

bool names_cpu(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

int cpu_quota(const std::string& membership, const std::string& root) {
  double least = unlimited;
  std::ifstream file(membership);
  // Lines of "hierarchy:controllers:/group"; v2 has no controllers here.
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string hierarchy;
    std::string controllers;
    std::string group;
    std::getline(fields, hierarchy, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, group);
    if (group.empty() || group.front() != '/') continue;
    if (controllers.empty())
      least = std::min(least, least_quota(root, group, quota_v2));
    else if (names_cpu(controllers))
      least = std::min(least, least_quota(root + "/cpu", group, quota_v1));
  }
  if (least > std::numeric_limits<int>::max()) return 0;
  return static_cast<int>(std::ceil(least));
}

}  // namespace nflow
