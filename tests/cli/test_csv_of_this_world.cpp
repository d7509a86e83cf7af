#include <doctest/doctest.h>

#include "cli/cli.h"
#include "io/compressed.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

const char* const kRows = "a,b\n0.5,0.25\n-1.5,1\n";

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// What `nflow logprob` writes for some text of a table.
std::string scores(const Workdir& dir, const std::string& text, const Words& more = {}) {
  const Outcome result = dir.nflow(with({"logprob", "-m", cli::model()}, more), text);
  CHECK_MESSAGE(result.status == 0, result.err);
  return result.out;
}

std::string error(const Workdir& dir, const Words& words, int status = 1) {
  const Outcome result = dir.nflow(words);
  CHECK(result.status == status);
  CHECK(result.out.empty());
  CHECK(cli::is_failure(result.err, {}));
  return result.err;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("tables may be compressed, and have other marks and comments") {
    const Workdir dir;
    const std::string expected = scores(dir, kRows);
    CHECK(scores(dir, compressed::gzip(kRows)) == expected);
    CHECK(scores(dir, compressed::zstd(kRows)) == expected);
    CHECK(scores(dir, "# made\na;b\n0,5;0,25\n#\n-1,5;1\n",
                 {"--delimiter", ";", "--decimal", ",", "--comment", "#"}) == expected);
    dir.write("t.csv", compressed::gzip(cli::table("ab", 60)));
    CHECK(dir.nflow(cli::training({})).status == 0);
    dir.write("given.zst", compressed::zstd("c\n0.5\n"));
    const Words sample{"sample", "-m", cli::conditional_model(), "-n", "2", "--seed", "1"};
    dir.write("given.csv", "c\n0.5\n");
    CHECK(dir.nflow(with(sample, {"--given", "given.zst"})).out ==
          dir.nflow(with(sample, {"--given", "given.csv"})).out);
  }

  TEST_CASE("appended numbers have the input's marks, and others have points") {
    const Workdir dir;
    dir.write("t.csv", "a;b\n0,5;0,25\n");
    const Words marks{"t.csv", "--delimiter", ";", "--decimal", ","};
    for (const char* command : {"logprob", "transform"}) {
      const Words words = with({command, "-m", cli::model()}, marks);
      const std::string alone = cli::lines(dir.nflow(words).out).at(1);
      std::string appended = cli::lines(dir.nflow(with(words, {"--append"})).out).at(1);
      CHECK(appended.substr(0, 9) == "0,5;0,25;");
      appended.erase(0, 9);
      for (char& c : appended) c = c == ';' ? ',' : c == ',' ? '.' : c;
      CHECK(appended == alone);
    }
  }

  TEST_CASE("--on-error skip leaves records out, and --rejects keeps them") {
    const Workdir dir;
    const std::string bad = "a,b\n0.5,0.25\n1,x\n3\n-1.5,1\n\"1\"2,3\n";
    dir.write("t.csv", bad);
    for (const char* command : {"logprob", "transform"}) {
      dir.write("good.csv", kRows);
      const Words words{command, "-m", cli::model()};
      const Outcome good = dir.nflow(with(words, {"good.csv"}));
      const Outcome result =
          dir.nflow(with(words, {"t.csv", "--on-error", "skip", "--rejects", "r.csv"}));
      CHECK(result.status == 0);
      CHECK(result.out == good.out);
      CHECK(result.err ==
            "nflow: warning: t.csv: 3 of 5 records cannot be used and are left out; the first is "
            "line 3: column 2 (b): found 'x', expected a number\n");
      CHECK(cli::lines(dir.read("r.csv")) ==
            Words{"line,reason,a,b", "3,\"column 2 (b): found 'x', expected a number\",1,x",
                  "4,1 field where 2 were expected,3",
                  "6,column 1: text behind the closing quote,\"1\"2,3"});
    }
    // A mended file of rejects is a table again.
    dir.write("r.csv", "line,reason,a,b\n3,\"found 'x', expected a number\",-1.5,1\n");
    CHECK(scores(dir, dir.read("r.csv")) == scores(dir, "a,b\n-1.5,1\n"));
  }

  TEST_CASE("train leaves out what is outside a support, too") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 60) + "x,1\n1,2\n");
    const Words skip{"--on-error", "skip", "--rejects", "r.csv", "--support", "a=[-90,90]"};
    const Outcome result = dir.nflow(cli::training(skip));
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "1 of 62 records cannot be used"));
    dir.write("t.csv", cli::table("ab", 60) + "91,1\n");
    CHECK(dir.nflow(cli::training(skip)).status == 0);
    CHECK(cli::lines(dir.read("r.csv")).at(1) ==
          "62,\"column 'a' is 91, outside its support [-90,90]\",91,1");
  }

  TEST_CASE("rejects go to a file of their own, whole or not at all") {
    const Workdir dir;
    dir.write("t.csv", kRows);
    const Words words{"logprob", "-m", cli::model(), "t.csv", "--rejects"};
    CHECK(cli::contains(error(dir, with(words, {"r.csv"}), 2), "--on-error skip"));
    const Words skip = with(words, {"-", "--on-error", "skip"});
    CHECK(cli::contains(error(dir, skip, 2), "standard output"));
    CHECK(cli::contains(error(dir, with(words, {"r.csv", "--on-error", "skip", "-o", "r.csv"}), 2),
                        "same file"));
    CHECK(cli::contains(error(dir, with(words, {"t.csv", "--on-error", "skip"}), 2), "same file"));
    CHECK(cli::contains(error(dir, with(words, {"no/r.csv", "--on-error", "skip"})), "no/r.csv"));
    dir.write("t.csv", "a,b\n1,x\n\"1,2\n");
    const Outcome cut = dir.nflow(with(words, {"r.csv", "--on-error", "skip"}));
    CHECK(cut.status == 1);
    CHECK(cli::contains(cut.err, "t.csv:3: the quote that opens here is never closed"));
    CHECK(dir.files() == Words{"t.csv"});
  }

  TEST_CASE("one column or two thousand, header only, and numbers at both ends") {
    const Workdir dir;
    std::string header = "x0", text;
    for (int j = 1; j < 2000; ++j) header += ",x" + std::to_string(j);
    for (int i = 0; i < 20; ++i) {
      text += std::to_string(i * i % 17);
      for (int j = 1; j < 2000; ++j) text += "," + std::to_string((i * j + i * i) % 1009);
      text += "\n";
    }
    dir.write("t.csv", header + "\n" + text);
    const Outcome wide = dir.nflow(
        {"train", "t.csv", "-o", "m.nflow", "--flow", "actnorm,maf:hidden=4", "--max-steps", "2"});
    CHECK_MESSAGE(wide.status == 0, wide.err);
    CHECK(cli::lines(dir.nflow({"logprob", "-m", "m.nflow", "t.csv"}).out).size() == 21);
    dir.write("t.csv", "a\n");
    CHECK(error(dir, {"train", "t.csv", "-o", "n.nflow"}) == "nflow: t.csv: no rows to train on\n");
    CHECK(scores(dir, "a,b\n") == "logprob\n");
    const Words ends = cli::lines(scores(dir, "a,b\n0,5e-324\n0,0\n1e308,0\n-1e308,-1e308\n"));
    CHECK(ends.at(1) == ends.at(2));
    CHECK(ends.at(3) == "-inf");
    CHECK(ends.at(4) == "-inf");
  }

  TEST_CASE("tables and flows beyond the limits are refused before they take memory") {
    const Workdir dir;
    std::string header = "x0", row = "1";
    for (int j = 1; j < 4097; ++j) {
      header += ",x" + std::to_string(j);
      row += ",1";
    }
    dir.write("t.csv", header + "\n" + row + "\n");
    CHECK(error(dir, {"train", "t.csv", "-o", "m.nflow"}) ==
          "nflow: t.csv: 4097 columns, where a model has at most 4096; --columns or --exclude "
          "chooses some\n");
    dir.write("t.csv", cli::table("ab", 60));
    const auto flow = [&](const Words& more) {
      return cli::lines(dir.nflow(with({"train", "t.csv", "-o", "m.nflow"}, more)).err).back();
    };
    std::string widest = "8192";
    for (int i = 1; i < 64; ++i) widest += ",8192";
    CHECK(cli::contains(flow({"--flow", "maf:hidden=" + widest}), "that a model can have"));
    CHECK(cli::contains(flow({"--flow", "planar", "--layers", "513"}), "at most 512"));
    CHECK(cli::contains(flow({"--flow", "planar,planar", "--layers", "257"}),
                        "between 1 and 512 links"));
    CHECK(cli::contains(flow({"--flow", "maf:hidden=8193"}), "8192"));
    CHECK(cli::contains(flow({"--flow", "maf:hidden=" + widest + ",8"}), "64"));
    CHECK(dir.files() == Words{"t.csv"});
  }
}
