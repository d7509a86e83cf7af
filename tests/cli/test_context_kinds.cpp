#include <doctest/doctest.h>

#include <cmath>

#include "cli/trained.h"
#include "nflow/csv.h"

// Tables whose context columns hold labels, or miss values.

namespace {

using cli::info;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// x given a label k, a number h that is missing now and then, and a code c.
std::string table(int rows) {
  const Words labels{"plain", "\"a, b\"", "Z\xc3\xbcrich"};
  std::string text = "x,k,h,c\n";
  for (int i = 0; i < rows; ++i) {
    const double noise = std::sin(17.0 * i), h = std::cos(5.0 * i);
    text += nflow::number_text(3 * (i % 3) + h + noise) + "," +
            labels[static_cast<std::size_t>(i % 3)] + "," +
            (i % 7 == 0 ? "" : nflow::number_text(h)) + "," + std::to_string(10 * (i % 2)) + "\n";
  }
  return text;
}

struct Trained : Workdir {
  explicit Trained(const Words& more = {"--context", "k,h,c"}) {
    write("t.csv", table(240));
    Words words{"train", "t.csv", "-o", "m.nflow", "--max-steps", "10"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = nflow(words);
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    told = outcome.err;
  }
  std::string told;
};

void check_refusal(const Outcome& outcome, const Words& parts) {
  CHECK(outcome.status != 0);
  const Words lines = cli::lines(outcome.err);
  REQUIRE(!lines.empty());
  CHECK_MESSAGE(cli::is_failure(lines.back() + "\n", parts), outcome.err);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("context kinds: labels and holes are told, kept and shown") {
    const Trained dir;
    CHECK(cli::contains(dir.told, "t.csv: context: CATEGORY: k\n"));
    CHECK(cli::contains(dir.told, "t.csv: context: numbers, some missing: h\n"));
    CHECK(!cli::contains(dir.told, "warning"));
    const nlohmann::json context = info(dir).at("context");
    CHECK(context.at(0).at("labels").size() == 3);
    CHECK(context.at(1).at("support") == "REAL+{missing}");
    CHECK(!context.at(2).contains("support"));
    const std::string text = dir.nflow({"info", "m.nflow"}).out;
    CHECK_MESSAGE(cli::contains(text, "k: CATEGORY, 3 labels\n"), text);
  }

  TEST_CASE("context kinds: samples have the labels they were drawn for") {
    const Trained dir;
    dir.write("g.csv", "c,h,k\n10,,\"a, b\"\n0,0.5,Z\xc3\xbcrich\n");
    const Outcome outcome =
        dir.nflow({"sample", "-m", "m.nflow", "-n", "1", "--given", "g.csv", "--seed", "1"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    const Words lines = cli::lines(outcome.out);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "k,h,c,x");
    CHECK(lines[1].rfind("\"a, b\",,10,", 0) == 0);
    CHECK(lines[2].rfind("Z\xc3\xbcrich,0.5,0,", 0) == 0);
  }

  TEST_CASE("context kinds: every use takes them, and gives rows back") {
    const Trained dir;
    const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "t.csv"});
    REQUIRE_MESSAGE(scores.status == 0, scores.err);
    for (const std::string& line : cli::lines(scores.out)) {
      CHECK((line == "logprob" || std::isfinite(std::stod(line))));
    }
    const Outcome latent = dir.nflow({"transform", "-m", "m.nflow", "t.csv", "--append"});
    REQUIRE_MESSAGE(latent.status == 0, latent.err);
    dir.write("z.csv", latent.out);
    const Outcome back = dir.nflow({"transform", "-m", "m.nflow", "z.csv", "--inverse"});
    REQUIRE_MESSAGE(back.status == 0, back.err);
    const Words rows = cli::lines(back.out), before = cli::lines(table(240));
    REQUIRE(rows.size() == before.size());
    for (std::size_t i = 1; i < rows.size(); ++i) {
      CHECK(std::stod(rows[i]) == doctest::Approx(std::stod(before[i])).epsilon(1e-3));
    }
    const Outcome check = dir.nflow({"check", "-m", "m.nflow", "t.csv", "--rows", "200"});
    CHECK_MESSAGE(!cli::contains(check.err, "error"), check.err);
  }

  TEST_CASE("context kinds: a label that the model does not have is an error, or skipped") {
    const Trained dir;
    dir.write("new.csv", "x,k,h,c\n1,plain,1,0\n1,new,1,0\n2,plain,,10\n");
    check_refusal(dir.nflow({"logprob", "-m", "m.nflow", "new.csv"}),
                  {"new.csv:3", "'k'", "a label that the model does not have"});
    const Outcome skipped =
        dir.nflow({"logprob", "-m", "m.nflow", "new.csv", "--on-error", "skip"});
    CHECK(skipped.status == 0);
    CHECK(cli::lines(skipped.out).size() == 3);
    dir.write("g.csv", "k,h,c\nnew,1,0\n");
    check_refusal(dir.nflow({"sample", "-m", "m.nflow", "-n", "1", "--given", "g.csv"}),
                  {"g.csv:2", "'k'"});
    dir.write("hole.csv", "x,k,h,c\n1,plain,1,\n");
    check_refusal(dir.nflow({"logprob", "-m", "m.nflow", "hole.csv"}), {"hole.csv:2", "c"});
  }

  TEST_CASE("context kinds: codes are labels where --support says so, and nothing else") {
    const Trained dir({"--columns", "x", "--context", "c", "--support", "c=CATEGORY"});
    CHECK(info(dir).at("context").at(0).at("labels") == nlohmann::json({"0", "10"}));
    dir.write("five.csv", "x,c\n1,5\n");
    check_refusal(dir.nflow({"logprob", "-m", "m.nflow", "five.csv"}), {"five.csv:2", "'c'"});
    check_refusal(dir.nflow({"train", "t.csv", "-o", "n.nflow", "--columns", "x", "--context", "c",
                             "--support", "c=POSITIVE"}),
                  {"--support", "'c'", "CATEGORY"});
  }

  TEST_CASE("context kinds: free text is refused with the way out") {
    const Workdir dir;
    std::string text = "x,note\n";
    for (int i = 0; i < 60; ++i)
      text += std::to_string(i * i) + ",note " + std::to_string(i) + "\n";
    dir.write("t.csv", text);
    check_refusal(dir.nflow({"train", "t.csv", "-o", "m.nflow", "--context", "note"}),
                  {"t.csv", "'note'", "is text that hardly repeats", "--context without note"});
  }

  TEST_CASE("context kinds: a file to validate with may not have labels of its own") {
    const Workdir dir;
    dir.write("t.csv", table(240));
    dir.write("v.csv", "x,k,h,c\n1,plain,1,0\n1,new,1,0\n");
    check_refusal(dir.nflow({"train", "t.csv", "-o", "m.nflow", "--context", "k,h,c",
                             "--validation-file", "v.csv", "--max-steps", "3"}),
                  {"'k'"});
  }

  TEST_CASE("kinds: labels stay those of their column when others are left out behind it") {
    const Workdir dir;
    std::string text = "a,b,k\n";
    for (int i = 0; i < 200; ++i) {
      const double a = std::sin(3.0 * i);
      text += nflow::number_text(a) + "," + nflow::number_text(2 * a) + (i % 3 ? ",u\n" : ",v\n");
    }
    dir.write("t.csv", text);
    const Outcome trained = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "3"});
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    CHECK(cli::contains(trained.err, "is a linear function of others"));
    CHECK(info(dir).at("columns").at(1).at("labels") == nlohmann::json({"v", "u"}));
  }

  TEST_CASE("context kinds: large tables, checkpoints and threads") {
    const Workdir dir;
    dir.write("t.csv", table(900));
    const Words words{"train",  "t.csv",        "--context", "k,h,c",    "--max-steps",
                      "6",      "--batch-size", "64",        "--memory", "64K",
                      "--flow", "realnvp",      "-o"};
    Words one = words, two = words;
    one.insert(one.end(), {"one.nflow", "--threads", "1"});
    two.insert(two.end(), {"two.nflow", "--threads", "2", "--checkpoint", "two.ckpt"});
    const Outcome first = dir.nflow(one);
    REQUIRE_MESSAGE(first.status == 0, first.err);
    REQUIRE(dir.nflow(two).status == 0);
    CHECK(dir.read("one.nflow") == dir.read("two.nflow"));
  }
}
