#include <doctest/doctest.h>

#include <algorithm>

#include "cli/cli.h"
#include "nflow/build.h"

// One binary for all x86-64 processors: emulated ones, of 2008 and of 2013, run it.

namespace {

using cli::Outcome;
using cli::Workdir;

/// Every verb, in small; `run` stands before the binary.
Outcome verbs(const Workdir& dir, const std::string& run) {
  return dir.shell(
      "nflow() { " + run +
      " \"$NFLOW\" \"$@\"; }\n"
      "nflow --version -v | grep kernels\n"
      "nflow train t.csv -q -o m.nflow --max-steps 4 --batch-size 64 --threads 1 "
      "--flow nsf-ar:hidden=16,maf:hidden=32,32,conv1x1,realnvp:hidden=40,planar && "
      "nflow logprob -m m.nflow t.csv > p && nflow sample -m m.nflow -n 50 --seed 1 > s && "
      "nflow transform -m m.nflow t.csv > z && cksum m.nflow p s z");
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("older processors run the same binary") {
#ifdef __SANITIZE_ADDRESS__
    return;  // it cannot be emulated
#endif
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 80));
    if (dir.shell("qemu-x86_64 -cpu Nehalem /bin/true").status != 0) {
      MESSAGE("skipped: no qemu-x86_64 that emulates processors");
      return;
    }
    const std::vector<std::string> here = nflow::kernel_sets();
    const std::string emulator = "qemu-x86_64 -cpu ";
    for (const auto& pair : {std::pair{"Nehalem", "baseline"}, std::pair{"Haswell", "avx2"}}) {
      const std::string processor = pair.first, kernels = pair.second;
      CAPTURE(processor);
      const Outcome emulated = verbs(dir, emulator + processor);
      CHECK_MESSAGE(emulated.status == 0, emulated.err);
      CHECK(emulated.out.rfind("kernels   " + kernels + "\n", 0) == 0);
      // The bits depend on the kernels, and on the functions that the C library has for processors
      // with FMA or without.
      if (std::find(here.begin(), here.end(), kernels) == here.end()) continue;
      const std::string same_functions =
          kernels == "baseline" ? " GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA" : "";
      CHECK(verbs(dir, "env NFLOW_KERNELS=" + kernels + same_functions).out == emulated.out);
    }
  }
}
