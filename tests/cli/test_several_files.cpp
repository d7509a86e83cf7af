#include <doctest/doctest.h>

#include "cli/cli.h"
#include "cli/parsing.h"

// DATA in several files of one header, which are one table.

namespace {

using cli::contains;
using cli::Outcome;
using cli::Workdir;
using Words = std::vector<std::string>;

/// The rows of a table in three files, the second compressed, beside the table whole.
void write_parts(const Workdir& dir) {
  const std::string table = cli::table("ab", 90);
  dir.write("t.csv", table);
  const Words rows = cli::lines(table);
  for (std::size_t part = 0; part < 3; ++part) {
    std::string text = rows[0] + "\n";
    for (std::size_t i = 30 * part; i < 30 * (part + 1); ++i) text += rows[i + 1] + "\n";
    dir.write("part-" + std::to_string(part) + ".csv", text);
  }
  REQUIRE(dir.shell("gzip part-1.csv && mv part-1.csv.gz part-1.csv").status == 0);
}

const Words kParts{"part-0.csv", "part-1.csv", "part-2.csv"};

Words with_parts(Words words) {
  words.insert(words.end(), kParts.begin(), kParts.end());
  return words;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("several files are trained on as one table") {
    const Workdir dir;
    write_parts(dir);
    const Outcome whole = dir.nflow(cli::training({}));
    REQUIRE_MESSAGE(whole.status == 0, whole.err);
    const std::string model = dir.read("m.nflow");
    const Words train = cli::quick(with_parts({"train", "-o", "p.nflow", "--flow", "actnorm"}));
    const Words same = cli::quick({"train", "t.csv", "-o", "m.nflow", "--flow", "actnorm"});
    REQUIRE(dir.nflow(same).status == 0);
    const Outcome parts = dir.nflow(train);
    REQUIRE_MESSAGE(parts.status == 0, parts.err);
    CHECK(contains(parts.err, "part-0.csv and 2 more: 81 rows to train on, 9 to validate with"));
    CHECK(dir.read("p.nflow") == dir.read("m.nflow"));
  }

  TEST_CASE("several files are read as one by logprob, transform and check") {
    const Workdir dir;
    write_parts(dir);
    for (const Words& verb :
         {Words{"logprob"}, Words{"logprob", "--append"}, Words{"logprob", "--summary"},
          Words{"transform"}, Words{"check", "--subset", "50"}}) {
      Words one = verb, several = verb;
      one.insert(one.end(), {"-m", cli::model(), "t.csv"});
      several.insert(several.end(), {"-m", cli::model()});
      const Outcome whole = dir.nflow(one), parts = dir.nflow(with_parts(several));
      CHECK(parts.status == whole.status);
      CHECK_FALSE(whole.out.empty());
      CHECK(parts.out == whole.out);
    }
    const std::string first = dir.read("part-0.csv");
    const Outcome piped =
        dir.nflow({"logprob", "-m", cli::model(), "-", "part-1.csv", "part-2.csv"}, first);
    CHECK(piped.out == dir.nflow({"logprob", "-m", cli::model(), "t.csv"}).out);
  }

  TEST_CASE("messages about one of several files name it and its own line") {
    const Workdir dir;
    dir.write("a.csv", "a,b\n1,2\n3,4\n");
    dir.write("b.csv", "a,b\n5,6\nq,8\n7,8\n");
    dir.write("c.csv", "a,c\n5,6\n");
    const Words logprob{"logprob", "-m", cli::model()};
    const auto error = [&](Words more) {
      more.insert(more.begin(), logprob.begin(), logprob.end());
      const Outcome outcome = dir.nflow(more);
      CHECK(outcome.status != 0);
      return outcome.err;
    };
    CHECK(error({"a.csv", "b.csv"}) ==
          "nflow: b.csv:3: column 1 (a): found 'q', expected a number\n");
    CHECK(
        error({"a.csv", "c.csv"}) ==
        "nflow: c.csv:1: column 2 is 'c', and 'b' in a.csv; files of one table have one header\n");
    CHECK(cli::is_failure(error({"a.csv", "none.csv"}), {"none.csv", "No such file"}));
    CHECK(cli::is_failure(error({"-", "-"}), {"standard input", "twice"}));
    CHECK(cli::is_failure(error({"a.csv", "b.csv", "-o", "b.csv"}), {"DATA and", "same file"}));
    CHECK(cli::is_failure(error({"a.csv", ""}), {"DATA", "''"}));
    const Outcome skipped = dir.nflow({"logprob", "-m", cli::model(), "a.csv", "b.csv",
                                       "--on-error", "skip", "--rejects", "bad.csv"});
    CHECK(skipped.status == 0);
    CHECK(cli::lines(skipped.out).size() == 5);
    CHECK(contains(skipped.err,
                   "a.csv and 1 more: 1 of 5 records cannot be used and are left out; "
                   "the first is b.csv:3: column 1 (a): found 'q'"));
    CHECK(contains(dir.read("bad.csv"), "\nb.csv:3,"));
  }

  TEST_CASE("a configuration has a line for each of several files") {
    const Workdir dir;
    write_parts(dir);
    const Outcome config = dir.nflow(with_parts({"logprob", "-m", cli::model(), "--print-config"}));
    CHECK(contains(config.out, "data = part-0.csv\ndata = part-1.csv\ndata = part-2.csv\n"));
    dir.write("job.conf", config.out);
    const Outcome outcome = dir.nflow({"logprob", "--config", "job.conf"});
    CHECK(outcome.out == dir.nflow({"logprob", "-m", cli::model(), "t.csv"}).out);
    CHECK(cli::lines(dir.nflow({"logprob", "--config", "job.conf", "part-0.csv"}).out).size() ==
          31);
    dir.write("plot.conf", "data = a.csv\ndata = b.csv\n");
    CHECK(
        cli::is_failure(dir.nflow({"plot", "--config", "plot.conf"}).err, {"plot.conf:2", "data"}));
  }
}
