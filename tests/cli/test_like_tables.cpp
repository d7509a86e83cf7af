#include <doctest/doctest.h>

#include "cli/trained.h"

// A model remembers how its table was written, and reads like tables in the same way.

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// A model of a table in t.csv, trained with these options.
struct Model : Workdir {
  explicit Model(const std::string& table, const Words& more = {}) {
    write("t.csv", table);
    Words words{"train", "t.csv", "-o", "m.nflow", "--max-steps", "2"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome trained = nflow(words);
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
  }

  /// The log p of a table's rows, as lines behind the header.
  Words scores(const std::string& table, const Words& more = {}) const {
    Words words{"logprob", "-m", "m.nflow"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = nflow(words, table);
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    Words lines = cli::lines(outcome.out);
    if (!lines.empty()) lines.erase(lines.begin());
    return lines;
  }
  std::string complaint(const std::string& table, const Words& more = {}) const {
    Words words{"logprob", "-m", "m.nflow"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = nflow(words, table);
    CHECK(outcome.status == 1);
    return outcome.err;
  }
  /// How the table is written, as info tells.
  std::string manner() const {
    for (const std::string& line : cli::lines(nflow({"info", "m.nflow"}).out)) {
      if (line.rfind("read as", 0) == 0) return line.substr(17);
    }
    return "";
  }
};

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("like tables: semicolons and decimal commas") {
    const Model model("a;b\n1,5;2\n2,25;3,5\n0,75;4\n1,125;1,5\n2;2,5\n");
    CHECK(model.manner() == "; between fields, decimal comma");
    CHECK(cli::info(model).at("manner") == nlohmann::json{{"delimiter", ";"}, {"decimal", ","}});
    const Words own = model.scores("a,b\n1.125,2\n0.75,3.5\n");
    REQUIRE(own.size() == 2);
    CHECK(model.scores("a;b\n1,125;2\n0,75;3,5\n") == own);
    CHECK(model.scores("1,125;2\n0,75;3,5\n") == own);
    CHECK(model.scores("a;b\n1.125;2\n0.75;3.5\n") == own);  // plainly of another manner
    CHECK(model.scores("a;b\n1,125;2\n", {"--decimal", ","}) == Words{own[0]});
    CHECK(cli::contains(model.complaint("a;b\n1,5;2\n", {"--decimal", "."}), "found '1,5'"));
    // A point there may be of decimals or of thousands.
    CHECK(cli::contains(model.complaint("a;b\n1.125;2\n"),
                        "found '1.125', expected a number; --decimal . reads 1.125, --thousands . "
                        "reads 1125"));
    CHECK(model.scores("a;b\n1.125;2\n", {"--decimal", "."}) == Words{own[0]});
  }

  TEST_CASE("like tables: marks that options named") {
    const Model model("% a probe\na:b\n1:2.5\n2:3.5\n% stopped\n4:1\n1.5:2\n2:7\n",
                      {"--delimiter", ":", "--comment", "%"});
    CHECK(model.manner() == ": between fields, comments behind %");
    const Words own = model.scores("a,b\n2,3.5\n4,1\n");
    CHECK(model.scores("% a probe\na:b\n2:3.5\n% stopped\n4:1\n") == own);
    CHECK(model.scores("a:b\n2:3.5\n4:1\n") == own);
    CHECK(model.scores("# others\na;b\n2;3.5\n4;1\n") == own);
    CHECK(model.scores("a|b\n2|3.5\n4|1\n", {"--delimiter", "|"}) == own);
    CHECK(cli::contains(model.complaint("a:b\n2:3.5\n% stopped\n4:1\n", {"--comment", "!"}),
                        "1 field where 2 were expected"));
  }

  TEST_CASE("like tables: marks between thousands") {
    const Model model("n;x\n1.234;1,5\n2.500;2\n999;2,5\n1.500;0,5\n3.000;4\n",
                      {"--thousands", ".", "--decimal", ","});
    CHECK(model.manner() ==
          "; between fields, decimal comma, . between thousands, marks between thousands (n)");
    const Words own = model.scores("n,x\n1234,2\n999,3\n");
    CHECK(model.scores("n;x\n1.234;2\n999;3\n") == own);
    CHECK(model.scores("n;x\n999;3\n1.234;2\n") == Words{own[1], own[0]});
  }

  TEST_CASE("like tables: without a header") {
    const Model model("39, Private\n50, Self\n28, Private\n61, Self\n44, Private\n33, Self\n",
                      {"--header", "no"});
    CHECK(model.manner() == "no header");
    const Words own = model.scores("x1,x2\n28,Private\n61,Self\n");
    REQUIRE(own.size() == 2);
    CHECK(model.scores("28, Private\n61, Self\n") == own);
    CHECK(model.scores("28, Private\n") == Words{own[0]});
    CHECK(cli::contains(model.complaint("age,work\n28,Private\n", {"--header", "yes"}),
                        "no column 'x1'"));
    CHECK(model
              .shell("$NFLOW sample -m m.nflow -n 5 --seed 1 | $NFLOW logprob -m m.nflow |"
                     " wc -l")
              .out == "6\n");
  }

  TEST_CASE("like tables: a header of numbers") {
    const Model model("2019,2020\n1,2.5\n2,3\n4,1\n2.5,2\n1,1\n", {"--header", "yes"});
    const Words own = model.scores("2020,2019\n2.5,1\n", {"--header", "yes"});
    CHECK(model.scores("2020,2019\n2.5,1\n") == own);
    CHECK(model.scores("1,2.5\n") == own);
  }

  TEST_CASE("like tables: lines above the table") {
    const Model model("a probe, 7\nit has\nx,y\n1,2.5\n2,3\n4,1\n2.5,2\n1,1\n", {"--skip", "2"});
    CHECK(model.manner() == "2 lines above the table");
    const Words own = model.scores("x,y\n2,3\n4,1\n");
    REQUIRE(own.size() == 2);
    CHECK(model.scores("a probe, 8\nit has\nx,y\n2,3\n4,1\n") == own);
    CHECK(model.scores("a probe, 8\nit has\nx,y\n2,3\n") == Words{own[0]});
    CHECK(model.scores("2,3\n4,1\n") == own);
    CHECK(model.scores("x,y\n2,3\n4,1\n", {"--skip", "0"}) == own);
    const Model rows("7,7,7\n1,2.5\n2,3\n4,1\n2.5,2\n1,1\n", {"--skip", "1"});
    CHECK(rows.manner() == "1 line above the table, no header");
    CHECK(rows.scores("7,7,7\n2,3\n4,1\n") == rows.scores("2,3\n4,1\n"));
  }

  TEST_CASE("like tables: rows of units, and numbers that are not plain") {
    const Model model("d,x\nday,m\n2020-01-01,1.5\n2020-01-02,2\n2020-01-05,4\n2020-02-01,1\n",
                      {"--support", "d=REAL"});
    CHECK(model.manner() == "1 row of units, dates as days since 1970-01-01 (d)");
    CHECK(model.scores("d,x\nday,m\n2020-01-02,2\n") == model.scores("d,x\n18263,2\n"));
    // No number says yet that the row above it is of units.
    cli::Conversation slow(model, {"logprob", "-m", "m.nflow"}, cli::Conversation::Ends::pipes);
    slow.send("d,x\nday,m\n");
    slow.send("2020-01-02,2\n");
    int status = 1;
    CHECK(cli::lines(slow.finish(status)).size() == 2);
    CHECK(status == 0);
  }

  TEST_CASE("like tables: wherever a table is read beside a model") {
    const Model model("a:b\n1:2.5\n2:3.5\n4:1\n1.5:2\n2:7\n", {"--delimiter", ":"});
    const auto works = [&](Words words, const std::string& table) {
      const Outcome outcome = model.nflow(words, table);
      CHECK_MESSAGE(outcome.status == 0, outcome.err);
      return cli::lines(outcome.out);
    };
    works({"transform", "-m", "m.nflow"}, "a:b\n2:3.5\n4:1\n");
    CHECK(works({"fill", "-m", "m.nflow", "--seed", "1"}, "a:b\n2:\n4:1\n").at(2) == "4:1");
    works({"quantile", "-m", "m.nflow", "--column", "a"}, "a:b\n2:3.5\n4:1\n");
    works({"compare", "-m", "m.nflow", "-m", "m.nflow"}, "a:b\n2:3.5\n4:1\n");
    model.write("given.csv", "a:b\n2:\n4:\n");
    CHECK(works({"sample", "-m", "m.nflow", "-n", "1", "--given", "given.csv"}, "").front() ==
          "a,b");
    const Outcome on = model.nflow({"train", "t.csv", "--init", "m.nflow", "-o", "n.nflow",
                                    "--max-steps", "1", "--validation-file", "t.csv"});
    CHECK_MESSAGE(on.status == 0, on.err);
    CHECK(cli::contains(model.nflow({"info", "n.nflow"}).out, ": between fields"));
    model.write("v.csv", "a:b\n2:3.5\n4:1\n");
    const Outcome own = model.nflow({"train", "t.csv", "-o", "n.nflow", "--max-steps", "1",
                                     "--delimiter", ":", "--validation-file", "v.csv"});
    CHECK_MESSAGE(own.status == 0, own.err);
  }

  TEST_CASE("like tables: nothing is remembered of plain CSV") {
    const Model model("a,b\n1,2.5\n2,3.5\n4,1\n1.5,2\n2,7\n");
    CHECK(model.manner().empty());
    CHECK_FALSE(cli::info(model).contains("manner"));
    CHECK_FALSE(cli::contains(model.read("m.nflow"), "manner"));
  }

  TEST_CASE("labels: blanks around them are no part of them, unless they are in quotes") {
    std::string table = "age,work\n";
    for (int i = 0; i < 60; ++i) {
      table += std::to_string(i * 7 % 60) + ".5," + (i % 3 == 0 ? " Private" : "Private ") + "\n" +
               std::to_string(i * 11 % 60) + ".5,\tSelf\n";
    }
    const Model model(table);
    const nlohmann::json column = cli::info(model).at("columns").at(1);
    CHECK(column.at("labels") == Words{"Private", "Self"});
    const Words own = model.scores("age,work\n30.5,Private\n30.5,Self\n");
    CHECK(model.scores("age,work\n30.5,  Private\n30.5, \"Self\" \n") == own);
    CHECK(model.scores("age,work\n30.5,\" Private\"\n") == Words{"-inf"});
    const Outcome where = model.nflow(
        {"sample", "-m", "m.nflow", "-n", "3", "--seed", "1", "--where", "work == 'Private'"});
    CHECK_MESSAGE(where.status == 0, where.err);
    model.write("given.csv", "work\n Private\n");
    const Outcome given =
        model.nflow({"sample", "-m", "m.nflow", "-n", "1", "--seed", "1", "--given", "given.csv"});
    CHECK_MESSAGE(given.status == 0, given.err);
    CHECK(cli::contains(given.out, ",Private\n"));
  }
}
