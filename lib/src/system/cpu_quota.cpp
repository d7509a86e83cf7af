#include "system/cpu_quota.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

namespace nflow {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

double processors(double quota, double period) {
  return quota > 0 && period > 0 ? quota / period : kUnlimited;
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

}  // namespace

int cpu_quota(const ControlGroupFiles& files) {
  double least = kUnlimited;
  for (const ControlGroup& group : control_groups("cpu", files)) {
    least = std::min(least, group.first_version ? quota_v1(group.folder) : quota_v2(group.folder));
  }
  if (least > std::numeric_limits<int>::max()) return 0;
  return static_cast<int>(std::ceil(least));
}

}  // namespace nflow
