#include <doctest/doctest.h>
#include <sys/resource.h>

#include "nflow/available_memory.h"
#include "system/made_up_groups.h"
#include "system/memory_limits.h"

using namespace nflow;

TEST_SUITE("system") {
  TEST_CASE("memory: what cgroup v2 leaves, the cache of files being free") {
    Groups groups("0::/job/step\n");
    CHECK(left_by_control_groups(groups.files()) == kUnlimited);
    groups.set("job/step", "memory.max", "max\n");
    groups.set("job/step", "memory.current", "500\n");
    CHECK(left_by_control_groups(groups.files()) == kUnlimited);
    groups.set("job/step", "memory.max", "2000\n");
    CHECK(left_by_control_groups(groups.files()) == 1500);
    groups.set("job/step", "memory.stat", "anon 100\nfile 350\ninactive_file 300\nslab 1\n");
    CHECK(left_by_control_groups(groups.files()) == 1800);
    groups.set("job", "memory.max", "1000\n");
    groups.set("job", "memory.current", "900\n");
    CHECK(left_by_control_groups(groups.files()) == 100);
    groups.set("job", "memory.current", "1100\n");
    CHECK(left_by_control_groups(groups.files()) == 0);
  }

  TEST_CASE("memory: what cgroup v1 leaves") {
    Groups groups("4:cpu,cpuacct:/job\n5:memory:/job\n");
    groups.set("memory/job", "memory.limit_in_bytes", "3000\n");
    groups.set("memory/job", "memory.usage_in_bytes", "1000\n");
    groups.set("memory/job", "memory.stat", "inactive_file 1\ntotal_inactive_file 400\n");
    groups.set("cpu/job", "memory.limit_in_bytes", "1\n");
    CHECK(left_by_control_groups(groups.files()) == 2400);
    groups.set("memory/job", "memory.limit_in_bytes", "9223372036854771712\n");
    CHECK(left_by_control_groups(groups.files()) > std::uint64_t{1} << 60);
  }

  TEST_CASE("memory: what the machine has available") {
    const ScratchFolder folder;
    CHECK(left_by_machine(folder.path("none")) == kUnlimited);
    CHECK(left_by_machine(folder.write(
              "m", "MemTotal:  9 kB\nMemFree: 5 kB\nMemAvailable: 7 kB\n")) == 7 * 1024);
    CHECK(available_memory() <= left_by_machine() + (std::uint64_t{1} << 30));
  }

  TEST_CASE("memory: what a limit of the address space leaves") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
    const auto left_of = [&](rlim_t bytes) {
      rlimit limit = before;
      limit.rlim_cur = bytes;
      REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
      const std::uint64_t left = left_by_address_space(), shared = available_memory(1000);
      REQUIRE(::setrlimit(RLIMIT_AS, &before) == 0);
      CHECK(shared <= left);
      return left;
    };
    const std::uint64_t terabyte = std::uint64_t{1} << 40;
    const std::uint64_t left = left_of(100 * terabyte);
    CHECK(left < 100 * terabyte);
    CHECK(left_of(101 * terabyte) == left + terabyte);
    if (before.rlim_cur == RLIM_INFINITY) CHECK(left_by_address_space() == kUnlimited);
  }
}
