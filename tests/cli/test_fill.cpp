#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/trained.h"
#include "sanitized.h"

namespace {

using cli::Mixed;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The output of a command on a model that works, and says nothing.
std::string run(const Workdir& dir, const std::string& command, const Words& words,
                const std::string& input = "", const std::string& model = cli::model()) {
  Words all{command, "-m", model};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all, input);
  CHECK_MESSAGE(result.status == 0, result.err);
  CHECK_MESSAGE(result.err.empty(), result.err);
  return result.out;
}

Outcome refused(const Workdir& dir, const std::string& command, const Words& words,
                const std::string& input, int status, const std::string& model = cli::model()) {
  Words all{command, "-m", model};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all, input);
  CHECK(result.status == status);
  if (status == 2) CHECK(result.out.empty());
  return result;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("fill fills the empty cells of the model's columns, and nothing else changes") {
    const Workdir dir;
    const std::string table =
        "id;b;a;note\nr 1;+0.50;;\"x; y\"\n r2 ;;1.0e0;\nr3; NA ;NaN;z\nr4;1;2;\n";
    const std::string out = run(dir, "fill", {"--seed", "3"}, table);
    const Words lines = cli::lines(out);
    REQUIRE(lines.size() == 5);
    CHECK(lines[0] == "id;b;a;note");
    CHECK(lines[1].rfind("r 1;+0.50;", 0) == 0);
    CHECK(lines[1].find(";\"x; y\"") == lines[1].size() - 7);
    CHECK(lines[2].rfind(" r2 ;", 0) == 0);
    CHECK(lines[2].find(";1.0e0;") == lines[2].size() - 7);
    CHECK(lines[4] == "r4;1;2;");
    for (const std::string& line : lines) CHECK_FALSE(cli::contains(line, ";;"));
    CHECK_FALSE(cli::contains(lines[3], "N"));
    CHECK(out == run(dir, "fill", {"--seed", "3", "--threads", "3"}, table));
    CHECK(out != run(dir, "fill", {"--seed", "4"}, table));
    CHECK(run(dir, "fill", {}, table) != run(dir, "fill", {}, table));
    // A table without holes, or with none in the model's columns, stays as it is.
    CHECK(run(dir, "fill", {}, "a,c\n0.25,\n") == "a,c\n0.25,\n");
  }

  TEST_CASE("fill -n writes each row so many times, and the pieces of a table fit together") {
    const Workdir dir;
    std::string table = "a,b\n";
    for (int i = 0; i < 30; ++i) table += i % 3 == 0 ? "0.5,\n" : i % 3 == 1 ? ",0.25\n" : "1,2\n";
    const std::string whole = run(dir, "fill", {"-n", "3", "--seed", "5"}, table);
    const Words lines = cli::lines(whole);
    REQUIRE(lines.size() == 91);
    CHECK(lines[0] == "fill,a,b");
    std::set<std::string> fillings;
    for (std::size_t i = 0; i < 90; ++i) {
      CHECK(cli::numbers(lines[i + 1]).at(0) == double(i % 3 + 1));
      if (i / 3 % 3 == 0) fillings.insert(lines[i + 1].substr(2));
    }
    CHECK(fillings.size() == 30);
    CHECK(lines[7] == "1,1,2");
    const std::size_t half = table.find('\n', 60) + 1;
    const auto rows = std::count(table.begin(), table.begin() + std::ptrdiff_t(half), '\n') - 1;
    const std::string second = run(
        dir, "fill", {"-n", "3", "--seed", "5", "--offset", std::to_string(rows), "--no-header"},
        "a,b\n" + table.substr(half));
    CHECK(whole == run(dir, "fill", {"-n", "3", "--seed", "5"}, table.substr(0, half)) + second);
    CHECK(cli::lines(run(dir, "fill", {"-n", "1", "--seed", "5"}, table))[0] == "a,b");
  }

  TEST_CASE("fill --best takes the median, and the likeliest label") {
    const Mixed dir;
    const std::string table = "wait,kind,size\n3,,7\n,x,\n12,\"a, b\",19\n";
    const Words lines = cli::lines(run(dir, "fill", {"--best"}, table, "m.nflow"));
    REQUIRE(lines.size() == 4);
    CHECK(lines[3] == "12,\"a, b\",19");
    const Words kinds = cli::lines(
        run(dir, "quantile", {"--column", "kind", "--mode"}, "size,wait\n7,3\n", "m.nflow"));
    const std::string mode = kinds.at(1).substr(0, kinds.at(1).find(",0."));
    CHECK(lines[1] == "3," + mode + ",7");
    for (const double value : cli::numbers(lines[2].substr(0, lines[2].find(",x,")))) {
      CHECK(std::isfinite(value));
    }
    const std::string one = run(dir, "fill", {"--best"}, "a,b\n0.5,\n");
    const Words median =
        cli::lines(run(dir, "quantile", {"--column", "b", "--at", "0.5"}, "a\n0.5\n"));
    CHECK(one == "a,b\n0.5," + median.at(1) + "\n");
    CHECK(cli::numbers(cli::lines(run(dir, "fill", {"--best", "--digits", "3"}, "a,b\n0.5,\n"))[1])
              .at(1) == doctest::Approx(cli::numbers(median.at(1)).at(0)).epsilon(0.006));
  }

  TEST_CASE("fill gives a value where the model has missing as one, and tells of what it cannot") {
    const Mixed dir;
    std::string table = "kind,size,wait\n";
    for (int i = 0; i < 60; ++i) table += "plain,7,\n";
    const Words lines = cli::lines(run(dir, "fill", {"--seed", "1"}, table, "m.nflow"));
    REQUIRE(lines.size() == 61);
    for (const std::string& line : lines) CHECK(line.back() != ',');
    const Outcome odd =
        dir.nflow({"fill", "-m", "m.nflow", "--seed", "1"}, "kind,size,wait\nnever,7,\nplain,7,\n");
    CHECK(odd.status == 0);
    CHECK(cli::lines(odd.out).at(1) == "never,7,");
    CHECK(cli::is_failure(odd.err, {"1 row", "no density"}));
  }

  TEST_CASE("fill refuses what cannot be") {
    const Workdir dir;
    CHECK(cli::is_failure(refused(dir, "fill", {}, "c,d\n1,\n", 1).err,
                          {"no column of the model", "a, b", "c, d"}));
    CHECK(cli::is_failure(refused(dir, "fill", {"--offset", "2"}, "a,b\n1,\n", 2).err,
                          {"--offset", "--seed"}));
    CHECK(cli::is_failure(refused(dir, "fill", {"--best", "-n", "2"}, "a,b\n1,\n", 2).err,
                          {"--best", "--fills"}));
    CHECK(cli::is_failure(refused(dir, "fill", {}, "a,b\n1,\nx,\n", 1).err,
                          {"standard input:3", "(a)", "'x'"}));
    CHECK(cli::is_failure(refused(dir, "fill", {}, "a,b,c\n1,,\n", 1, cli::conditional_model()).err,
                          {"(c)"}));
    dir.write("t.csv", "a,b\n1,\nx,\n,3\n");
    const Outcome skipped =
        dir.nflow({"fill", "-m", cli::model(), "t.csv", "--seed", "1", "--on-error", "skip"});
    CHECK(skipped.status == 0);
    CHECK(cli::lines(skipped.out).size() == 3);
  }

  TEST_CASE("logprob of a missing value names --marginal, unless it may be one of the context") {
    const Workdir dir;
    const std::string advice = "; --marginal gives log p of what is there";
    CHECK(cli::is_failure(refused(dir, "logprob", {}, "a,b\n1,\n", 1).err,
                          {"standard input:2", "(b): missing value" + advice}));
    const std::string given =
        refused(dir, "logprob", {}, "c,a,b\n1,,2\n", 1, cli::conditional_model()).err;
    CHECK(cli::is_failure(given, {"(a): missing value"}));
    CHECK_FALSE(cli::contains(given, "--marginal"));
  }

  TEST_CASE("fill draws given the row's context") {
    const Workdir dir;
    const std::string out =
        run(dir, "fill", {"--seed", "2"}, "c,a,b\n0.5,,\n-1,0.2,\n", cli::conditional_model());
    const Words lines = cli::lines(out);
    REQUIRE(lines.size() == 3);
    CHECK(cli::numbers(lines[1]).size() == 3);
    CHECK(lines[2].rfind("-1,0.2,", 0) == 0);
    CHECK(cli::numbers(lines[2]).size() == 3);
  }

  TEST_CASE("sample --given holds any columns of the model" * nflow::testing::kLong) {
    const Workdir dir;
    dir.write("g.csv", "x,b\n9,0.5\n9,\n9,-1\n");
    const std::string whole = run(dir, "sample", {"-n", "4", "--given", "g.csv", "--seed", "6"});
    const Words lines = cli::lines(whole);
    REQUIRE(lines.size() == 13);
    CHECK(lines[0] == "a,b");
    std::set<std::string> seen;
    for (std::size_t i = 1; i < 13; ++i) {
      const auto row = cli::numbers(lines[i]);
      REQUIRE(row.size() == 2);
      if (i <= 4) CHECK(row[1] == 0.5);
      if (i > 8) CHECK(row[1] == -1);
      seen.insert(lines[i]);
    }
    CHECK(seen.size() == 12);
    CHECK(whole ==
          run(dir, "sample", {"-n", "4", "--given", "g.csv", "--seed", "6", "--threads", "3"}));
    dir.write("first.csv", "b\n0.5\n");
    dir.write("rest.csv", "b\n \"\" \n-1\n");
    CHECK(whole == run(dir, "sample", {"-n", "4", "--given", "first.csv", "--seed", "6"}) +
                       run(dir, "sample",
                           {"-n", "4", "--given", "rest.csv", "--seed", "6", "--offset", "4",
                            "--no-header"}));
    dir.write("c.csv", "b,c\n0.5,1\n");
    const Words given =
        cli::lines(run(dir, "sample", {"-n", "2", "--given", "c.csv", "--seed", "1"}, "",
                       cli::conditional_model()));
    CHECK(given.at(0) == "c,a,b");
    CHECK(cli::numbers(given.at(1)).at(0) == 1);
    CHECK(cli::numbers(given.at(2)).at(2) == 0.5);
    CHECK(cli::is_failure(
        refused(dir, "sample", {"-n", "1", "--given", "first.csv", "--temperature", "0.5"}, "", 2)
            .err,
        {"--temperature"}));
    dir.write("none.csv", "x\n1\n");
    CHECK(cli::is_failure(refused(dir, "sample", {"-n", "1", "--given", "none.csv"}, "", 1).err,
                          {"none.csv", "no column of the model"}));
  }

  TEST_CASE("sample --given keeps holes that are values, and refuses labels that are none") {
    const Mixed dir;
    dir.write("g.csv", "kind,wait\n\"a, b\",\nx,4.5\n");
    const Words lines = cli::lines(
        run(dir, "sample", {"-n", "2", "--given", "g.csv", "--seed", "1"}, "", "m.nflow"));
    REQUIRE(lines.size() == 5);
    CHECK(lines[1].rfind("\"a, b\",", 0) == 0);
    CHECK(lines[1].back() == ',');
    CHECK(lines[3].rfind("x,", 0) == 0);
    CHECK(lines[3].substr(lines[3].rfind(',')) == ",4.5");
    dir.write("odd.csv", "kind\nx\nnever\n");
    CHECK(cli::is_failure(
        refused(dir, "sample", {"-n", "1", "--given", "odd.csv"}, "", 1, "m.nflow").err,
        {"odd.csv:3", "'kind'", "label"}));
  }

  TEST_CASE("logprob --marginal scores what rows have") {
    const Workdir dir;
    const std::string whole = run(dir, "logprob", {}, "a,b\n0.1,0.2\n");
    const Words lines =
        cli::lines(run(dir, "logprob", {"--marginal"}, "a,b\n0.1,0.2\n0.1,\n,0.2\n,\n"));
    REQUIRE(lines.size() == 5);
    CHECK(lines[0] == "logprob,stderr");
    CHECK(lines[1] == cli::lines(whole).at(1) + ",0");
    CHECK(lines[4] == "0,0");
    CHECK(run(dir, "logprob", {"--marginal"}, "a\n0.1\n") == lines[0] + "\n" + lines[2] + "\n");
    const Words joined =
        cli::lines(run(dir, "logprob", {"--marginal", "--append"}, "b;id\n0.2;r\n"));
    CHECK(joined.at(0) == "b;id;logprob;stderr");
    const std::string own = lines[3];
    CHECK(joined.at(1) == "0.2;r;" + own.substr(0, own.find(',')) + ";0");
    // The density of a times that of b given a is that of both.
    const Words grid =
        cli::lines(run(dir, "quantile", {"--column", "b", "--grid", "0.2,0.3,2"}, "a\n0.1\n"));
    const double conditional = std::log(cli::numbers(grid.at(1)).at(2));
    CHECK(cli::numbers(lines[2]).at(0) + conditional ==
          doctest::Approx(cli::numbers(lines[1]).at(0)).epsilon(1e-3));
    const Words summary =
        cli::lines(run(dir, "logprob", {"--marginal", "--summary"}, "a,b\n0.1,0.2\n0.1,\n"));
    CHECK(cli::numbers(summary.at(1)).at(0) == 2);
    for (const char* option : {"--tail", "--explain", "--below=0.1"}) {
      CHECK(cli::is_failure(refused(dir, "logprob", {"--marginal", option}, "a\n1\n", 2).err,
                            {"--marginal"}));
    }
    CHECK(cli::is_failure(refused(dir, "logprob", {"--marginal"}, "x\n1\n", 1).err,
                          {"no column of the model"}));
  }

  TEST_CASE("logprob --marginal takes missing for a value where the model does") {
    const Mixed dir;
    const std::string rows = "kind,size,wait\nplain,7,\n";
    const std::string whole = run(dir, "logprob", {}, rows, "m.nflow");
    const Words lines = cli::lines(run(dir, "logprob", {"--marginal"}, rows, "m.nflow"));
    CHECK(lines.at(1) == cli::lines(whole).at(1) + ",0");
    const Words kinds =
        cli::lines(run(dir, "logprob", {"--marginal"}, "kind\nplain\n\"a, b\"\nx\n", "m.nflow"));
    double sum = 0;
    for (std::size_t i = 1; i < 4; ++i) sum += std::exp(cli::numbers(kinds.at(i)).at(0));
    CHECK(sum == doctest::Approx(1).epsilon(1e-5));
    const Outcome odd = dir.nflow({"logprob", "-m", "m.nflow", "--marginal"}, "kind\nnever\n");
    CHECK(odd.out == "logprob,stderr\n-inf,0\n");
    CHECK(cli::is_failure(odd.err, {"1 row has log p = -inf", "label"}));
  }
}
