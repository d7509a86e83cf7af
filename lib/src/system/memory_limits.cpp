#include "system/memory_limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "nflow/available_memory.h"

namespace nflow {
namespace {

std::uint64_t difference(std::uint64_t limit, std::uint64_t used) {
  return limit > used ? limit - used : 0;
}

/// The number of a file that holds one; kUnlimited for a word such as "max".
std::uint64_t number_in(const std::string& path) {
  std::uint64_t number = 0;
  return std::ifstream(path) >> number ? number : kUnlimited;
}

/// The number behind a word in a file of such pairs; 0 where it is not there.
std::uint64_t number_behind(const std::string& word, const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  for (std::string key, rest; file >> key >> number; std::getline(file, rest)) {
    if (key == word) return number;
  }
  return 0;
}

std::uint64_t left_by_group(const ControlGroup& group) {
  const bool first = group.first_version;
  const auto file = [&](const char* v1, const char* v2) {
    return group.folder + "/memory." + (first ? v1 : v2);
  };
  const std::uint64_t limit = number_in(file("limit_in_bytes", "max"));
  const std::uint64_t used = number_in(file("usage_in_bytes", "current"));
  if (limit == kUnlimited || used == kUnlimited) return kUnlimited;
  const std::uint64_t cache =
      number_behind(first ? "total_inactive_file" : "inactive_file", file("stat", "stat"));
  return difference(limit, difference(used, cache));
}

}  // namespace

std::uint64_t left_by_address_space() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kUnlimited;
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return difference(limit.rlim_cur, pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

std::uint64_t left_by_control_groups(const ControlGroupFiles& files) {
  std::uint64_t least = kUnlimited;
  for (const ControlGroup& group : control_groups("memory", files)) {
    least = std::min(least, left_by_group(group));
  }
  return least;
}

std::uint64_t left_by_machine(const std::string& meminfo) {
  const std::uint64_t kibibytes = number_behind("MemAvailable:", meminfo);
  return kibibytes == 0 ? kUnlimited : kibibytes * 1024;
}

std::uint64_t available_memory(int processes) {
  const std::uint64_t shared = std::min(left_by_control_groups(), left_by_machine());
  return std::min(left_by_address_space(), shared / static_cast<std::uint64_t>(processes));
}

}  // namespace nflow
