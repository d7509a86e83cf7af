#include <doctest/doctest.h>

#include "cli/cli.h"

// What an error about a table says that may help, by options that the command has.

namespace {

using cli::Outcome;
using cli::Workdir;
using Words = std::vector<std::string>;

/// What a command says of the table behind "t.csv:".
std::string of_table(const std::string& text, const Words& words) {
  const Workdir dir;
  dir.write("t.csv", text);
  const Outcome outcome = dir.nflow(words);
  CHECK(outcome.status == 1);
  const Words lines = cli::lines(outcome.err);
  const std::string begin = "nflow: t.csv:";
  REQUIRE(!lines.empty());
  return lines.back().rfind(begin, 0) == 0 ? lines.back().substr(begin.size()) : outcome.err;
}

/// Trained with columns of numbers, so that text is an error.
std::string trained(const std::string& text, const Words& more = {}) {
  Words words = cli::quick({"train", "t.csv", "-o", "m.nflow", "--infer", "no"});
  words.insert(words.end(), more.begin(), more.end());
  return of_table(text, words);
}

std::string inferred(const std::string& text, const Words& more = {}) {
  Words words = cli::quick({"train", "t.csv", "-o", "m.nflow"});
  words.insert(words.end(), more.begin(), more.end());
  return of_table(text, words);
}

std::string scored(const std::string& text, const std::string& model = cli::model()) {
  return of_table(text, {"logprob", "-m", model, "t.csv"});
}

/// Lines of a column whose first hundreds agree.
std::string many(const std::string& line) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += line;
  return text;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("columns to leave out are named where a shell and a list take the name") {
    CHECK(trained("x,tip\n1,abc\n") ==
          "2: column 2 (tip): found 'abc', expected a number; --exclude tip leaves the column out");
    for (const char* name : {"the tip", "-tip", "tip;", "\"t,p\""}) {
      CHECK(cli::contains(trained(std::string("x,") + name + "\n1,abc\n"),
                          "; --exclude 2 leaves the column out"));
    }
    CHECK(trained("x,a,b,c\n1,p,2,q\n") ==
          "2: column 2 (a): found 'p', expected a number; --exclude a,c leaves the columns out");
    std::string wide = "a1", row = "x";
    for (int i = 2; i <= 20; ++i) {
      wide += ",a" + std::to_string(i);
      row += i == 15 || i == 17 ? ",1" : ",x";
    }
    CHECK(trained(wide + "\n" + row + "\n") ==
          "2: column 1 (a1): found 'x', expected a number; "
          "--exclude 1-14,16,18-20 leaves the columns out");
    CHECK(scored("a,b\n1,abc\n") == "2: column 2 (b): found 'abc', expected a number");
  }

  TEST_CASE("a missing value has the options that the command has for it") {
    CHECK(trained("x,tip\n1,NA\n") ==
          "2: column 2 (tip): missing value 'NA'; --missing drop leaves such rows out, "
          "--exclude tip the column");
    CHECK(trained("x,tip\n1,2\n1,\n") ==
          "3: column 2 (tip): missing value; --missing drop leaves such rows out");
    CHECK(trained("x,tip\n1,2\n1,--\n") ==
          "3: column 2 (tip): found '--', expected a number; "
          "--na '--' --missing drop leaves such rows out");
    CHECK(scored("a,b\n1,\n") ==
          "2: column 2 (b): missing value; --marginal gives log p of what is there");
    CHECK(scored("a,b\n1,2\n1,--\n") == "3: column 2 (b): found '--', expected a number");
    // It may be the context that is missing, or the command has no such option.
    CHECK(scored("a,b,c\n1,,3\n", cli::conditional_model()) == "2: column 2 (b): missing value");
    CHECK(of_table("a,b\n1,\n", {"transform", "-m", cli::model(), "t.csv"}) ==
          "2: column 2 (b): missing value");
  }

  TEST_CASE("records are left out where the command can") {
    const std::string three = ": 3 fields where 2 were expected";
    const std::string title = "a,b\n1,2,3\n4,5,6\n", total = "a,b\n1,2\n1,2,3\n";
    CHECK(scored("a,b\n1,2,3\n4,5\n") == "2" + three +
                                             "; --skip N leaves out N lines above the table, "
                                             "--on-error skip such rows");
    CHECK(
        of_table("\na,b\n1,2,3\n4,5\n", {"logprob", "-m", cli::model(), "t.csv", "--skip", "1"}) ==
        "3" + three + "; --on-error skip leaves such lines out");
    // Nothing would be left.
    CHECK(scored(title) ==
          "2" + three + "; name each column in the header, or --skip N lines above the table");
    CHECK(of_table("\n" + title, {"logprob", "-m", cli::model(), "t.csv", "--skip", "1"}) ==
          "3" + three + "; name each column in the header");
    CHECK(trained("Dear Sir,\nI write to you, dear Sir, since it rains.\nYours truly\n") ==
          "2: 3 fields where 1 was expected; these lines read as a text, not as a table");
    CHECK(scored(total) == "3" + three + "; --on-error skip leaves such lines out");
    CHECK(of_table(total, {"check", "-m", cli::model(), "t.csv"}) == "3" + three);
    CHECK(scored("a,b\n1,2\n#end\n") ==
          "3: 1 field where 2 were expected; --comment '#' leaves such lines out");
  }

  TEST_CASE("delimiters and decimal marks are spelt as their options take them") {
    const std::string one = "2: column 1 (a): found '1.5', expected a number";
    const Words semicolons{"--delimiter", ";"};
    CHECK(cli::contains(
        of_table("a\tb\n1\t2\n", {"logprob", "-m", cli::model(), "t.csv", "--delimiter", ";"}),
        "; try --delimiter '\\t'"));
    // The file is read by commas already.
    CHECK(of_table("x,\n1,\n2,\n", {"logprob", "-m", cli::model(), "t.csv"}).find("delimiter") ==
          std::string::npos);
    CHECK(cli::contains(trained("a b\n1 2\n", semicolons), "; try --delimiter 'blanks'"));
    CHECK(cli::contains(trained("a;b\n\"1,5\";2\n", semicolons), "; try --decimal ,"));
    CHECK(trained("a;b\n1.5;2\n", {"--delimiter", ";", "--decimal", ","}) ==
          one + "; try without --decimal ,");
    CHECK(trained("a;b\n1,5;2\n2,5;3.5\n") ==
          "3: column 2 (b): found '3.5', expected a number; try --decimal .");
    CHECK(trained("10 000\n20 000\n") ==
          "1: found '10 000', which is one number with blanks between its thousands, or 2 "
          "numbers; --delimiter , reads the first, --delimiter blanks the second");
    CHECK(trained("a;b\n1,234;2\n") ==
          "2: column 1 (a): found '1,234', expected a number; "
          "--decimal , reads 1.234, --thousands , reads 1234");
    CHECK(cli::contains(trained("a;b\n1;1.000,5\n1;y\n", {"--delimiter", ";", "--decimal", ","}),
                        "expected a number; marks between thousands are not read"));
    CHECK(trained("a,b\n1,2\n1,\"2\n3\"\n") ==
          "3: column 2 (b): found '2\\n3', expected a number; "
          "the quote that opens here may be a stray one");
  }

  TEST_CASE("a column may be one of labels, where the command can be told so") {
    CHECK(inferred("a,b\n1,2\n\"1,5\",2\n") ==
          "3: column 1 (a): found '1,5', expected a number; try --decimal , "
          "(or, if these are labels, --support 'a=CATEGORY')");
    const std::string found = ": column 1 (a): found 'high', expected a number";
    const std::string percents = "a,b\n" + many("12 %,1\n") + "high,1\n";
    const std::string marks = "a,b\n1,2\n?,2\n" + many("12,1\n") + "high,1\n";
    const std::string labels = "; --support 'a=CATEGORY' takes all for labels";
    CHECK(inferred(percents) == "302" + found + " as the first rows have it" + labels);
    CHECK(trained(percents) == "302" + found + " as the first rows have it");
    CHECK(scored(percents) == "302" + found + " as the first rows have it");
    CHECK(inferred(marks) == "304" + found + " or a mark for missing as before" + labels);
  }
}
