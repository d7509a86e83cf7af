#include <doctest/doctest.h>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

#ifdef NFLOW_MPI_BINARY
const char* const kBinary = NFLOW_MPI_BINARY;
#else
const char* const kBinary = "";
#endif

/// Runs a script where mpi N ... starts N processes of the nflow that was built with MPI.
Outcome shell(const Workdir& dir, const std::string& script) {
  return dir.shell(
      "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
      "OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none "
      "ASAN_OPTIONS=detect_leaks=0\n"
      "mpi() { n=$1; shift; mpirun -q -n $n '" +
      std::string(kBinary) + "' \"$@\" --threads 1; }\n" + script);
}

/// Why there is nothing to test; empty where there is.
std::string missing() {
  if (kBinary[0] == '\0') return "MPI is not installed";
  const Workdir dir;
  const Outcome result = shell(dir, "mpi 2 train --version");
  return result.status == 0 ? "" : "mpirun does not start: " + result.err;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("several processes make the bytes of one") {
    const std::string reason = missing();
    if (!reason.empty()) {
      MESSAGE("skipped: " << reason);
      return;
    }
    const Workdir dir;
    dir.write("t.csv", cli::table("abc", 600));
    const std::string options =
        " --flow mixture:components=3,conv1x1,nsf-cl:hidden=16:dropout=0.1,maf:hidden=16 "
        "--max-steps 80 --batch-size 200 -q ";
    REQUIRE(dir.shell("\"$NFLOW\" train t.csv -o one.nflow" + options).status == 0);
    for (const char* n : {"1", "2", "4", "7"}) {
      CAPTURE(n);
      const Outcome result = shell(dir, std::string("mpi ") + n + " train t.csv -o m.nflow" +
                                            options + "&& cmp one.nflow m.nflow");
      CHECK_MESSAGE(result.status == 0, result.err);
    }
    // The choice between chains, a cut, and another number of processes to go on with.
    const std::string chosen = " train t.csv --max-steps 40 --seed 3 ";
    REQUIRE(dir.shell("\"$NFLOW\"" + chosen + "-o one.nflow").status == 0);
    const Outcome cut = shell(dir, "mpi 2" + chosen +
                                       "-o m.nflow --checkpoint c --time-limit 0.001s; echo $?; "
                                       "mpi 4" +
                                       chosen + "-o m.nflow --resume c && cmp one.nflow m.nflow");
    CHECK_MESSAGE(cut.status == 0, cut.err);
    CHECK(cut.out == "75\n");
  }

  TEST_CASE("several processes score, draw and transform in order") {
    if (!missing().empty()) return;  // told above
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 30000) + "1e30,2\n");
    const std::string m = " -m '" + cli::model() + "' ";
    for (const std::string& words :
         {"logprob" + m + "t.csv --append", "logprob" + m + "t.csv --summary",
          "transform" + m + "t.csv", "sample" + m + "-n 40000 --seed 4"}) {
      CAPTURE(words);
      const Outcome alone = dir.shell("\"$NFLOW\" " + words);
      REQUIRE(alone.status == 0);
      const Outcome result = shell(dir, "mpi 3 " + words);
      CHECK_MESSAGE(result.status == 0, result.err);
      CHECK(result.out == alone.out);
      CHECK(result.err == alone.err);
    }
    const Outcome fresh = shell(dir, "mpi 3 sample" + m + "-n 40000 -o s.csv && wc -l < s.csv");
    CHECK(fresh.out == "40001\n");
    CHECK(shell(dir, "mpi 2 logprob" + m + "< t.csv").status == 2);
  }

  TEST_CASE("several processes: one line of a failure, and nobody hangs") {
    if (!missing().empty()) return;  // told above
    const Workdir dir;
    dir.write("t.csv", cli::table("abc", 60) + "1,2,x\n");
    const Outcome bad = shell(dir, "timeout 60 mpirun -n 3 '" + std::string(kBinary) +
                                       "' train t.csv -o m.nflow 2>&1 | grep ^nflow");
    CHECK_MESSAGE(cli::is_failure(bad.out, {"t.csv:62: column 3 (c): found 'x'"}), bad.out);
    CHECK(shell(dir, "mpi 2 train - -o m.nflow").status == 2);
    dir.write("t.csv", cli::table("abc", 600));
    const Outcome dead = shell(
        dir,
        "timeout 60 mpirun -q -n 2 sh -c 'test $OMPI_COMM_WORLD_RANK = 1 && (sleep 2; kill -9 $$)& "
        "exec \"" +
            std::string(kBinary) +
            "\" train t.csv -o m.nflow --flow maf --patience 0 --max-steps 100000000'; echo $?");
    CHECK(dead.out == "137\n");
  }
}
