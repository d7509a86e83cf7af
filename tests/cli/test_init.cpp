#include <doctest/doctest.h>

#include <cmath>

#include "cli/trained.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// nflow train with these words and no others.
Outcome plain_train(const Workdir& dir, Words words) {
  words.insert(words.begin(), "train");
  return dir.nflow(words);
}

double mean_of(const Workdir& dir, const std::string& model, const std::string& table) {
  const Outcome result = dir.nflow({"logprob", "-m", model, table, "--summary"});
  REQUIRE_MESSAGE(result.status == 0, result.err);
  return cli::numbers(cli::lines(result.out).at(1)).at(1);
}

/// Rows of labels, numbers and holes: `from` on.
std::string mixed(int from, int rows, double shift) {
  std::string text = "kind,size,wait,id\n";
  for (int i = from; i < from + rows; ++i) {
    const int u = i * 83 % 200;
    text += std::string(u < 90    ? "plain"
                        : u < 150 ? "\"a, b\""
                                  : "x") +
            "," + std::to_string(u * 7 % 200 / 9.7 + (u < 90 ? 5 : 0) + shift) + "," +
            (i % 8 == 0 ? "" : std::to_string(i * 31 % 200 / 3.3)) + "," + std::to_string(i) + "\n";
  }
  return text;
}

struct Months : Workdir {
  Months() {
    write("jan.csv", mixed(0, 300, 0));
    write("feb.csv", mixed(300, 300, 4));
    const Outcome first = cli::train(*this, {"jan.csv", "--exclude", "id", "-o", "jan.nflow"});
    REQUIRE_MESSAGE(first.status == 0, first.err);
  }
};

void check_refused(const Workdir& dir, const Words& more, int status, const Words& parts) {
  Words words{"train", "-o", "m.nflow", "--max-steps", "5"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome result = dir.nflow(words);
  CHECK(result.status == status);
  CHECK(!dir.has("m.nflow"));
  REQUIRE(!result.err.empty());
  CHECK_MESSAGE(cli::is_failure(cli::lines(result.err).back() + "\n", parts), result.err);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train --init goes on from a model, with its columns and kinds") {
    const Months dir;
    const Outcome result = plain_train(dir, {"feb.csv", "--init", "jan.nflow", "-o", "feb.nflow",
                                             "--max-steps", "200", "--learning-rate", "0.005"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "goes on from jan.nflow"));
    const Outcome jan = dir.nflow({"info", "jan.nflow", "--json"});
    const Outcome feb = dir.nflow({"info", "feb.nflow", "--json"});
    CHECK(cli::parsed(jan.out).at("columns") == cli::parsed(feb.out).at("columns"));
    CHECK(mean_of(dir, "feb.nflow", "feb.csv") > mean_of(dir, "jan.nflow", "feb.csv") + 0.1);
    // By any number of threads it is the same training.
    const Outcome again =
        plain_train(dir, {"feb.csv", "--init", "jan.nflow", "-o", "again.nflow", "--max-steps",
                          "200", "--learning-rate", "0.005", "--threads", "2"});
    CHECK(again.status == 0);
    CHECK(dir.read("again.nflow") == dir.read("feb.nflow"));
  }

  TEST_CASE("train --init keeps the model where no step is better") {
    const Months dir;
    const Outcome result = plain_train(dir, {"feb.csv", "--init", "jan.nflow", "-o", "m.nflow",
                                             "--max-steps", "2", "--learning-rate", "1000"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "the model stays that of --init\n"));
    CHECK(dir.nflow({"logprob", "-m", "m.nflow", "jan.csv"}).out ==
          dir.nflow({"logprob", "-m", "jan.nflow", "jan.csv"}).out);
  }

  TEST_CASE("train --init with what the model has not") {
    const Months dir;
    dir.write("label.csv",
              "kind,size,wait\nplain,3,4\nnew,3,4\nx,1,2\nx,2,3\nplain,4,4.5\nx,7,8\n");
    check_refused(
        dir, {"label.csv", "--init", "jan.nflow"}, 1,
        {"label.csv:3: column 'kind' is a label that the model does not have", "--on-error skip"});
    const Outcome skipped =
        plain_train(dir, {"label.csv", "--init", "jan.nflow", "-o", "skipped.nflow", "--max-steps",
                          "5", "--on-error", "skip"});
    CHECK_MESSAGE(skipped.status == 0, skipped.err);
    dir.write("hole.csv", "kind,size,wait\nplain,3,4\nx,,4\nx,1,2\n");
    check_refused(dir, {"hole.csv", "--init", "jan.nflow"}, 1,
                  {"hole.csv:3: column 2 (size)", "missing value"});
    dir.write("less.csv", "kind,wait\nplain,3\nx,4\n");
    check_refused(dir, {"less.csv", "--init", "jan.nflow"}, 1, {"less.csv", "'size'"});
    for (const Words& more : {Words{"--flow", "maf"},
                              {"--layers", "2"},
                              {"--columns", "kind"},
                              {"--exclude", "id"},
                              {"--support", "size=POSITIVE"},
                              {"--infer", "no"},
                              {"--context", "id"},
                              {"--precision", "double"},
                              {"--hidden", "8"},
                              {"--bins", "4"}}) {
      Words words{"feb.csv", "--init", "jan.nflow"};
      words.insert(words.end(), more.begin(), more.end());
      check_refused(dir, words, 2, {"--init", more.front(), "exclude each other"});
    }
    check_refused(dir, {"feb.csv", "--init", "none.nflow"}, 1, {"none.nflow"});
    check_refused(dir, {"-", "--init", "-"}, 2, {"--init and DATA"});
    check_refused(dir, {"feb.csv", "--init", "jan.nflow", "--weights", "size"}, 2,
                  {"'size'", "--weights", "--init"});
  }

  TEST_CASE("train --init of a model with context, in weights and with a validation file") {
    const Workdir dir;
    dir.write("t.csv", cli::table("abcw", 300));
    dir.write("v.csv", cli::table("abcw", 100, 2));
    const Outcome result =
        plain_train(dir, {"t.csv", "--init", cli::conditional_model(), "-o", "m.nflow",
                          "--max-steps", "50", "--validation-file", "v.csv"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const Outcome lines = dir.nflow({"logprob", "-m", "m.nflow", "v.csv", "--summary"});
    CHECK(cli::numbers(cli::lines(lines.out).at(1)).at(1) >=
          mean_of(dir, cli::conditional_model(), "v.csv") - 1e-4);
    CHECK(cli::lines(dir.nflow({"info", "m.nflow"}).out).size() > 3);
  }

  TEST_CASE("train --init is cut and goes on, with the same model alone") {
    const Months dir;
    const std::string train =
        "\"$NFLOW\" train feb.csv --init jan.nflow --max-steps 60 --patience 0 -q ";
    REQUIRE(dir.shell(train + "-o whole.nflow").status == 0);
    const Outcome cut =
        dir.shell(train + "-o m.nflow --checkpoint c --time-limit 0.001s; echo $?; " + train +
                  "-o m.nflow --resume c && cmp whole.nflow m.nflow");
    CHECK_MESSAGE(cut.status == 0, cut.err);
    CHECK(cut.out == "75\n");
    const Outcome other = dir.shell(
        "\"$NFLOW\" train feb.csv --init whole.nflow --max-steps 60 --patience 0 -q -o m.nflow "
        "--resume c");
    CHECK(other.status == 1);
    CHECK_MESSAGE(cli::is_failure(other.err, {"a checkpoint with --init"}), other.err);
  }
}
