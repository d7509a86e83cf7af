#include <doctest/doctest.h>
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "nflow/threads.h"
#include "system/cpu_quota.h"
#include "system/made_up_groups.h"
#include "thread_pool.h"

using nflow::available_threads;
using nflow::cpu_quota;

namespace {

int threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace

TEST_SUITE("system") {
  TEST_CASE("threads: at least one, at most the affinity mask") {
    CHECK(available_threads() >= 1);
    cpu_set_t before;
    REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
    CHECK(available_threads() <= CPU_COUNT(&before));
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
      if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(available_threads() == 1);
    REQUIRE(::sched_setaffinity(0, sizeof before, &before) == 0);
  }

  TEST_CASE("threads: the quota of cgroup v2, rounded up") {
    Groups groups("0::/job/step\n");
    CHECK(cpu_quota(groups.files()) == 0);
    groups.set("job/step", "cpu.max", "max 100000\n");
    CHECK(cpu_quota(groups.files()) == 0);
    groups.set("job/step", "cpu.max", "250000 100000\n");
    CHECK(cpu_quota(groups.files()) == 3);
    groups.set("job/step", "cpu.max", "5000 100000\n");
    CHECK(cpu_quota(groups.files()) == 1);
  }

  TEST_CASE("threads: the groups above count, and a container's root") {
    Groups groups("0::/job/step\n");
    groups.set("job/step", "cpu.max", "800000 100000\n");
    groups.set("job", "cpu.max", "400000 100000\n");
    CHECK(cpu_quota(groups.files()) == 4);
    Groups container("0::/out/of/sight\n");
    container.set("", "cpu.max", "200000 100000\n");
    CHECK(cpu_quota(container.files()) == 2);
  }

  TEST_CASE("threads: the quota of cgroup v1") {
    Groups groups("12:cpuset:/other\n4:cpu,cpuacct:/job\n0::/none\n");
    groups.set("cpu/job", "cpu.cfs_period_us", "100000\n");
    groups.set("cpu/job", "cpu.cfs_quota_us", "-1\n");
    CHECK(cpu_quota(groups.files()) == 0);
    groups.set("cpu/job", "cpu.cfs_quota_us", "150000\n");
    CHECK(cpu_quota(groups.files()) == 2);
  }

  TEST_CASE("threads: no control groups, or nonsense in their files") {
    CHECK(cpu_quota({"/nonexistent", "/nonexistent"}) == 0);
    Groups groups("nonsense\n::\n0::relative\n0::/job\n");
    groups.set("job", "cpu.max", "many few\n");
    CHECK(cpu_quota(groups.files()) == 0);
    groups.set("job", "cpu.max", "100000 0\n");
    CHECK(cpu_quota(groups.files()) == 0);
  }

  TEST_CASE("threads: no more than a queue gave the job, or OpenMP is told") {
    const char* const variables[] = {"SLURM_CPUS_PER_TASK", "PBS_NCPUS",      "NCPUS", "NSLOTS",
                                     "LSB_DJOB_NUMPROC",    "OMP_NUM_THREADS"};
    for (const char* variable : variables) ::unsetenv(variable);
    const int all = available_threads();
    for (const char* variable : variables) {
      CAPTURE(variable);
      for (const char* text : {"1", "1000000", "1,4"}) {
        ::setenv(variable, text, 1);
        CHECK(available_threads() == (text[1] == '0' ? all : 1));
      }
      for (const char* text : {"", "0", "-3", "many", "2x", ",1"}) {
        ::setenv(variable, text, 1);
        CHECK(available_threads() == all);
      }
      ::unsetenv(variable);
    }
  }

  TEST_CASE("threads: no more than a training has work for, or processors") {
    const int processors = nflow::available_threads();
    CHECK(nflow::useful_threads(1, 1000000) == 1);
    CHECK(nflow::useful_threads(1024, 1000) == std::max(16, processors));
    CHECK(nflow::useful_threads(1024, 128 * 500) == std::max(500, processors));
    CHECK(nflow::useful_threads(1024, 1000000) == 1024);
  }

  TEST_CASE("threads: a pool starts those that its largest round has tasks for") {
    const int before = threads_of_process();
    nflow::ThreadPool pool(1000);
    CHECK(pool.size() == 1000);
    CHECK(threads_of_process() == before);
    for (const nflow::Index tasks : {1, 3, 2, 5}) {
      std::vector<int> done(static_cast<std::size_t>(tasks), 0);
      pool.run(tasks, [&](nflow::Index number, int worker) {
        if (worker < 5) ++done[static_cast<std::size_t>(number)];
      });
      CHECK(done == std::vector<int>(done.size(), 1));
    }
    CHECK(threads_of_process() == before + 4);
  }
}
