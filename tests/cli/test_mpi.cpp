#include <doctest/doctest.h>

#include "cli/cli.h"
#include "cli/mpi.h"

using cli::mpi_shell;
using cli::Outcome;
using cli::Workdir;

TEST_SUITE("cli") {
  TEST_CASE("several processes make the bytes of one") {
    const std::string reason = cli::why_no_mpi();
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
      const Outcome result = mpi_shell(dir, std::string("mpi ") + n + " train t.csv -o m.nflow" +
                                                options + "&& cmp one.nflow m.nflow");
      CHECK_MESSAGE(result.status == 0, result.err);
    }
    // The choice between chains, a cut, and another number of processes to go on with.
    const std::string chosen = " train t.csv --max-steps 40 --seed 3 ";
    REQUIRE(dir.shell("\"$NFLOW\"" + chosen + "-o one.nflow").status == 0);
    const Outcome cut =
        mpi_shell(dir, "mpi 2" + chosen +
                           "-o m.nflow --checkpoint c --time-limit 0.001s; echo $?; "
                           "mpi 4" +
                           chosen + "-o m.nflow --resume c && cmp one.nflow m.nflow");
    CHECK_MESSAGE(cut.status == 0, cut.err);
    CHECK(cut.out == "75\n");
  }

  TEST_CASE("several processes: a signal to one of them stops all before the first step") {
    if (!cli::why_no_mpi().empty()) return;  // told above
    const Workdir dir;
    dir.write("t.csv", cli::table("abcd", 20000));
    // The first checkpoint is there before the choice of the flow, which takes a second or more.
    const Outcome cut =
        mpi_shell(dir,
                  "timeout 60 mpirun -q -n 3 sh -c 'test $OMPI_COMM_WORLD_RANK = 1 && "
                  "(until [ -s c ]; do sleep 0.02; done; kill -TERM $$)& exec \"" +
                      std::string(cli::kMpiBinary) +
                      "\" train t.csv -o m.nflow --threads 1 --checkpoint c'; echo $?");
    CHECK(cut.out == "75\n");
    CHECK_MESSAGE(cli::contains(cut.err, "nflow: stopped by SIGTERM; go on with --resume c\n"),
                  cut.err);
    CHECK_FALSE(dir.has("m.nflow"));
  }

  TEST_CASE("several processes score, draw and transform in order") {
    if (!cli::why_no_mpi().empty()) return;  // told above
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 30000) + "1e30,2\n");
    dir.write("few.csv", cli::table("ab", 60));
    std::string holes = "a,b\n";
    for (int i = 0; i < 20000; ++i) holes += i % 900 == 0 ? "0.5,\n" : "0.5,1\n";
    dir.write("holes.csv", holes);
    dir.write("held.csv", "b\n0.5\n1\n0.25\n");
    const std::string m = " -m '" + cli::model() + "' ";
    for (const std::string& words :
         {"logprob" + m + "t.csv --append", "logprob" + m + "t.csv --summary",
          "logprob" + m + "few.csv --tail --explain --tail-samples 99",
          "quantile" + m + "few.csv --column b --cdf", "transform" + m + "t.csv",
          "fill" + m + "holes.csv --seed 3", "logprob" + m + "holes.csv --marginal",
          "sample" + m + "--given held.csv -n 9000 --seed 4", "sample" + m + "-n 40000 --seed 4"}) {
      CAPTURE(words);
      const Outcome alone = dir.shell("\"$NFLOW\" " + words);
      REQUIRE(alone.status == 0);
      const Outcome result = mpi_shell(dir, "mpi 3 " + words);
      CHECK_MESSAGE(result.status == 0, result.err);
      CHECK(result.out == alone.out);
      CHECK(result.err == alone.err);
    }
    const Outcome fresh = mpi_shell(dir, "mpi 3 sample" + m + "-n 40000 -o s.csv && wc -l < s.csv");
    CHECK(fresh.out == "40001\n");
    CHECK(mpi_shell(dir, "mpi 2 logprob" + m + "< t.csv").status == 2);
  }

  TEST_CASE("several processes: columns of labels and holes are learnt and mapped as by one") {
    if (!cli::why_no_mpi().empty()) return;  // told above
    const Workdir dir;
    std::string table = "kind,x,y\n";
    for (int i = 0; i < 20000; ++i) {
      table += (i < 9000     ? "plain"
                : i % 3 == 0 ? "\"odd, one\""
                             : "late") +
               std::string(",") + std::to_string(i * i % 17) +
               (i % 11 == 0 ? ",\n" : ",0." + std::to_string(i) + "\n");
    }
    dir.write("t.csv", table);
    const std::string train = "train t.csv --max-steps 20 --seed 3 ";
    REQUIRE(dir.shell("\"$NFLOW\" " + train + "-o one.nflow").status == 0);
    const Outcome trained = mpi_shell(dir, "mpi 3 " + train + "-o three.nflow");
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    CHECK(dir.read("three.nflow") == dir.read("one.nflow"));
    for (const std::string words :
         {"transform -m one.nflow t.csv --offset 7", "logprob -m one.nflow t.csv",
          "sample -m one.nflow -n 9000 --seed 1"}) {
      CAPTURE(words);
      const Outcome alone = dir.shell("\"$NFLOW\" " + words);
      REQUIRE_MESSAGE(alone.status == 0, alone.err);
      CHECK(mpi_shell(dir, "mpi 3 " + words).out == alone.out);
    }
  }

  TEST_CASE("several processes: one line of a failure, and nobody hangs") {
    if (!cli::why_no_mpi().empty()) return;  // told above
    const Workdir dir;
    dir.write("t.csv", cli::table("abc", 60) + "1,2,x\n");
    const Outcome bad =
        mpi_shell(dir, "timeout 60 mpirun -n 3 '" + std::string(cli::kMpiBinary) +
                           "' train t.csv --infer no -o m.nflow 2>&1 | grep ^nflow");
    CHECK_MESSAGE(cli::is_failure(bad.out, {"t.csv:62: column 3 (c): found 'x'"}), bad.out);
    CHECK(mpi_shell(dir, "mpi 2 train - -o m.nflow").status == 2);
    const Outcome skip = mpi_shell(dir, "mpi 2 train t.csv -o m.nflow --on-error skip");
    CHECK(skip.status == 2);
    CHECK_MESSAGE(cli::contains(skip.err, "nflow: --on-error skip is for one process"), skip.err);
    const Outcome packed = mpi_shell(dir, "gzip t.csv && mpi 2 train t.csv.gz -o m.nflow");
    CHECK(packed.status == 1);
    CHECK_MESSAGE(cli::contains(packed.err,
                                "nflow: t.csv.gz: several processes cannot read one "
                                "pipe or a compressed file: name a plain file\n"),
                  packed.err);
    dir.write("t.csv", cli::table("abc", 600));
    const Outcome dead = mpi_shell(
        dir,
        "timeout 60 mpirun -q -n 2 sh -c 'test $OMPI_COMM_WORLD_RANK = 1 && (sleep 2; kill -9 $$)& "
        "exec \"" +
            std::string(cli::kMpiBinary) +
            "\" train t.csv -o m.nflow --flow maf --patience 0 --max-steps 100000000'; echo $?");
    CHECK(dead.out == "137\n");
  }
}
