#include <doctest/doctest.h>

#include "cli/cli.h"
#include "cli/parsing.h"

// What train says of a table that is not as it should be: once for all columns of a kind, and with
// advice that helps.

namespace {

using cli::contains;
using cli::is_failure;
using cli::Outcome;
using cli::Workdir;
using Words = std::vector<std::string>;

Outcome train(const Workdir& dir, const std::string& table, const Words& more = {}) {
  dir.write("t.csv", table);
  Words words = cli::quick({"train", "t.csv", "-o", "m.nflow"});
  words.insert(words.end(), more.begin(), more.end());
  return dir.nflow(words);
}

std::string failure(const std::string& table, const Words& more = {}) {
  const Workdir dir;
  const Outcome outcome = train(dir, table, more);
  CHECK(outcome.status == 1);
  const Words lines = cli::lines(outcome.err);
  return lines.empty() ? "" : lines.back();
}

/// Numbers with decimals, with a code among them in every fifth row.
std::string with_code(const std::string& code, int columns) {
  std::string text = "t";
  for (int j = 0; j < columns; ++j) text += ",c" + std::to_string(j);
  text += "\n";
  for (int i = 0; i < 100; ++i) {
    text += std::to_string(0.37 * ((i * 61) % 97));
    for (int j = 0; j < columns; ++j) {
      text += "," + (i % 5 == 0 ? code : std::to_string(1 + 0.013 * ((i * (37 + j)) % 101)));
    }
    text += "\n";
  }
  return text;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("no rows to train on: the columns that are missing everywhere are named") {
    const Words drop{"--missing", "drop"};
    const std::string none = "nflow: t.csv: no rows to train on";
    CHECK(failure("a,b,c\n1,,2\n3,,4\n5,,5\n", drop) ==
          none + ": column 'b' has no value in any of them; --exclude b leaves it out");
    CHECK(failure("a,b,\"c,d\"\n1,,\n3,,NA\n", drop) ==
          none +
              ": columns b, c,d have no value in any of them; --exclude 'b,\"c,d\"' leaves "
              "them out");
    CHECK(failure("a,b\n,\n,NA\n", drop) == none + ": columns a, b have no value in any of them");
    CHECK(failure("a,b\n1,\n3,\n", {"--missing", "drop", "--context", "b"}) ==
          none + ": column 'b' has no value in any of them");
    CHECK(failure("a,b\n1,\n,2\n", drop) ==
          none + ": each has a missing value, and --missing drop leaves it out");
    // By default such a column is left out, and told.
    const Workdir dir;
    const Outcome plain = train(dir, "a,b,c\n1,,2\n3,,4\n5,,5\n");
    CHECK(plain.status == 0);
    CHECK(contains(plain.err, "leaves out what has no value in any row: b"));
  }

  TEST_CASE("constant columns are told all at once") {
    const std::string table = "a,b,c,d\n1,7,8,9\n2,7,8,9\n3,7,8,9\n5,7,8,9\n";
    const Words real{"--infer", "no"};
    CHECK(failure(table, real) ==
          "nflow: t.csv: columns b, c, d are constant in every training row and have no density; "
          "--exclude b,c,d leaves them out");
    Words all = real;
    all.insert(all.end(), {"--columns", "b-d"});
    CHECK(failure(table, all) ==
          "nflow: t.csv: columns b, c, d are constant in every training row: there is no other "
          "column to model");
    all.back() = "b";
    CHECK(failure(table, all) ==
          "nflow: t.csv: column 'b' is constant in every training row: there "
          "is no other column to model");
    const Workdir dir;
    const Outcome plain = train(dir, table);
    CHECK(plain.status == 0);
    CHECK(contains(plain.err, "leaves out what is the same in all rows: b, c, d\n"));
  }

  TEST_CASE("advice leaves columns") {
    const Words real{"--infer", "no"};
    CHECK(failure("a,b\nx,y\nz,w\n", {"--infer", "no", "--header", "yes"}) ==
          "nflow: t.csv:2: column 1 (a): found 'x', expected a number");
    CHECK(contains(failure("a,b,c\nx,y,1\nz,w,2\n", real), "--exclude a,b leaves the columns out"));
    CHECK_FALSE(contains(failure("a\nNA\n1\n", real), "--exclude"));
    std::string same = "a,b\n";
    for (int i = 0; i < 40; ++i) {
      const std::string number = std::to_string(0.01 * ((i * 37) % 101));
      same += number + "," + number + "\n";
    }
    CHECK(failure(same, {"--infer", "no", "--context", "b"}) ==
          "nflow: t.csv: column 'a' repeats 'b' in every row: given the context there is nothing "
          "left to model");
  }

  TEST_CASE("what many columns have in common is one line") {
    const Workdir dir;
    std::string text;
    for (int j = 0; j < 60; ++j) text += (j ? ",k" : "k") + std::to_string(j);
    for (int i = 0; i < 40; ++i) {
      text += "\n";
      for (int j = 0; j < 60; ++j) {
        text += (j ? "," : "") + std::to_string((i * i * (7 + j) + i * j * j) % 1009);
      }
    }
    const Outcome outcome = train(dir, text + "\n", {"--infer", "no"});
    CHECK(contains(outcome.err,
                   "columns k0, k1, k2, k3, k4, k5, k6, k7 and 52 more hold integers "
                   "only: --support 'k0,k1,"));
    CHECK(count(outcome.err, "warning: ") <= 3);
  }

  TEST_CASE("a number that stands for missing is proposed as that") {
    const Workdir dir;
    const Outcome one = train(dir, with_code("-200", 1));
    CHECK(one.status == 0);
    CHECK(contains(one.err,
                   "column 'c0' is -200 in 21% of the rows, far from all other values; if "
                   "it stands for missing, --na=-200 says so"));
    const Outcome three = train(dir, with_code("9999", 3), {"--infer", "no"});
    CHECK(contains(three.err, "columns c0, c1, c2 are 9999 in up to 21% of the rows"));
    CHECK_FALSE(contains(three.err, "has an end"));
    CHECK(count(three.err, "--na=") == 1);
    // The advice is the end of it, however the number is spelt.
    const Outcome taken = train(dir, with_code("-200.0", 1), {"--na=-200"});
    CHECK(taken.status == 0);
    CHECK_FALSE(contains(taken.err, "--na="));
    CHECK(contains(taken.err, "some missing"));
    // And the model remembers it.
    const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "t.csv"});
    CHECK(scores.status == 0);
    CHECK(scores.out == dir.nflow({"logprob", "-m", "m.nflow", "t.csv", "--na=-200"}).out);
    CHECK(scores.out.find("inf") == scores.out.npos);
    // None of these is far from all others, or looks like a code.
    for (const char* other : {"-0.5", "3", "2.5", "-3.5"}) {
      CHECK_FALSE(contains(train(dir, with_code(other, 1)).err, "--na="));
    }
  }

  TEST_CASE("a stray quote that joins lines is told with all of them") {
    const Workdir dir;
    std::string text = "a,b\n";
    for (int i = 0; i < 300; ++i) {
      const std::string number = std::to_string(0.01 * ((i * 37) % 101));
      text += (i == 100 ? "\"" : "") + number + (i == 201 ? "\"" : "") + "," + number + "1\n";
    }
    const Outcome outcome = train(dir, text, {"--on-error", "skip"});
    CHECK(contains(outcome.err,
                   "1 of 199 records cannot be used and are left out; the first is "
                   "lines 102 to 203, which quotes join, perhaps a stray one: "));
  }

  TEST_CASE("columns are found as people name them") {
    const Workdir dir;
    const std::string years = "Country,2019,2020\n1,2,3\n2,5,1\n7,7,2\n";
    CHECK(train(dir, years, {"--columns", "2019-2020"}).status == 0);
    CHECK(contains(dir.nflow({"info", "m.nflow"}).out, "2020"));
    const std::string comma = "\"Hi, there\",b\n1,2\n2,5\n7,7\n4,4\n";
    CHECK(train(dir, comma, {"--columns", "Hi, there"}).status == 0);
    CHECK(train(dir, comma, {"--columns", "b,\"Hi, there\""}).status == 0);
    const Outcome hint = train(dir, comma, {"--columns", "b,Hi, there"});
    CHECK(hint.status == 2);
    CHECK(is_failure(hint.err, {"--columns: no column 'Hi'", "double quotes"}));
  }

  TEST_CASE("a history that cannot be written is told, and the model is saved") {
    const Workdir dir;
    const Outcome full = train(dir, cli::table("ab", 40), {"--history", "/dev/full"});
    CHECK(full.status == 1);
    CHECK(contains(full.err,
                   "nflow: the model is saved, but not the history: cannot write "
                   "/dev/full: No space left on device\n"));
    CHECK(dir.has("m.nflow"));
  }
}
