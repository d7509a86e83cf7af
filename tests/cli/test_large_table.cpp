#include <doctest/doctest.h>

#include <csignal>

#include "cli/cli.h"
#include "cli/mpi.h"

#ifndef __SANITIZE_ADDRESS__  // these are large tables; small ones of tests/train go the same way

namespace {

using cli::Outcome;
using cli::Workdir;

/// A folder with t.csv, of a little more than 2^24 numbers, and an empty folder tmp.
struct Large : Workdir {
  Large() {
    const int columns = 16, rows = (1 << 20) + 1000;
    std::string text;
    text.reserve(2 * columns * (rows + 2));
    for (int j = 0; j < columns; ++j) text += {j == 0 ? '\n' : ',', static_cast<char>('a' + j)};
    text.erase(0, 1);
    std::uint64_t state = 1;  // a linear congruential generator
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        text += {j == 0 ? '\n' : ',', static_cast<char>('0' + (state >> 60) % 10)};
      }
    }
    write("t.csv", text + '\n');
    REQUIRE(shell("mkdir tmp").status == 0);
  }
};

const Large& large() {
  static const Large made;
  return made;
}

const std::string kOptions =
    " train t.csv --flow actnorm,maf:hidden=16:dropout=0.1 --batch-size 600 ";
const std::string kSteps = "--max-steps 400 ";
const std::string kTrain = "export TMPDIR=tmp; \"$NFLOW\"" + kOptions;

/// The bytes of the model that is trained in memory in one go.
const std::string& whole() {
  static const std::string model = [] {
    const Outcome result = large().shell(kTrain + kSteps + "-o whole.nflow --memory 1G");
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "t.csv: a large table: 134 MB of rows, kept in memory\n"));
    return large().read("whole.nflow");
  }();
  return model;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("a large table: the same bytes from a file, with other threads, cut and gone on with") {
    const std::string train = kTrain + kSteps + "-o m.nflow --memory 1M ";
    // The first checkpoint is a small one: it has no parameters.
    const Outcome cut =
        large().shell(train +
                      "--threads 2 --checkpoint c --checkpoint-every 0.001s 2> log & n=0; "
                      "until [ 0$(stat -c %s c) -gt 10000 ] || [ $n = 6000 ]; do sleep 0.05; "
                      "n=$((n + 1)); done; kill $!; wait $!; s=$?; cat log >&2; exit $s");
    CHECK(cut.status == 75);
    CHECK_MESSAGE(cli::contains(cut.err, "134 MB of rows, kept in a file without a name in tmp\n"),
                  cut.err);
    const Outcome rest = large().shell(train + "--threads 1 --resume c");
    CHECK_MESSAGE(rest.status == 0, rest.err);
    CHECK(large().read("m.nflow") == whole());
  }

  TEST_CASE("a large table: the same bytes from several processes, each with its part") {
    const std::string reason = cli::why_no_mpi();
    if (!reason.empty()) {
      MESSAGE("skipped: " << reason);
      return;
    }
    for (const char* n : {"2", "4"}) {
      CAPTURE(n);
      const Outcome result =
          cli::mpi_shell(large(), "export TMPDIR=tmp; mpi " + std::string(n) + kOptions + kSteps +
                                      "-o m.nflow --memory " + (*n == '2' ? "1M" : "1G"));
      CHECK_MESSAGE(result.status == 0, result.err);
      CHECK(large().read("m.nflow") == whole());
    }
  }

  TEST_CASE("a large table: no room for its file is one line, and kill -9 leaves nothing") {
    const Large& dir = large();
    const std::string train = kTrain + kSteps + "-q -o n.nflow --memory 1M";
    const Outcome full = dir.shell("trap '' XFSZ; ulimit -f 100000; " + train);
    CHECK(full.status == 1);
    CHECK_MESSAGE(cli::is_failure(full.err, {"cannot keep the table's rows in a file in tmp: "
                                             "File too large; TMPDIR can name a folder"}),
                  full.err);
    const Outcome nowhere =
        dir.shell("TMPDIR=nowhere \"$NFLOW\"" + kOptions + kSteps + "-q -o n.nflow --memory 1");
    CHECK(nowhere.status == 1);
    CHECK_MESSAGE(cli::is_failure(nowhere.err, {"in a file in nowhere: No such file"}),
                  nowhere.err);
    // A log of its own: that of an earlier case stands there until this process has begun.
    const Outcome killed = dir.shell(
        "mkdir rows; export TMPDIR=rows; \"$NFLOW\"" + kOptions +
        "-o n.nflow --memory 1M --max-steps 100000000 2> own & n=0; "
        "until grep -qs 'kept in a file' own || [ $n = 6000 ]; do sleep 0.05; n=$((n + 1)); done; "
        "ls -A rows; grep -c 'kept in a file' own; kill -9 $!; wait $!; echo $?; ls -A rows");
    CHECK(killed.out == "1\n137\n");
    CHECK_FALSE(dir.has("n.nflow"));
  }
}

#endif
