#include <doctest/doctest.h>

#include "cli/trained.h"

// The manner of a file that nobody spoke of: its delimiter and decimal mark.

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// What train says of the table and what info says of the model's columns.
struct Read : Workdir {
  explicit Read(const std::string& table, const Words& more = {}) {
    write("t.csv", table);
    Words words{"train", "t.csv", "-o", "m.nflow", "--max-steps", "2"};
    words.insert(words.end(), more.begin(), more.end());
    trained = nflow(words);
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    const nlohmann::json model = cli::info(*this);
    for (const auto& column : model.at("columns")) {
      columns.push_back(column.at("name"));
    }
  }

  Outcome trained;
  Words columns;
};

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("manner: semicolons and decimal commas are seen and told") {
    const Read read("date;a;b;n\n2020-01-01;1,5;2,5;7\n2020-01-02;2,5;3,1;8\n2020-01-03;2;3,3;9\n");
    CHECK(cli::contains(read.trained.err, "t.csv: read as: ; between fields, decimal comma\n"));
    CHECK(read.columns == Words{"date", "a", "b", "n"});
    const Outcome scores = read.nflow({"logprob", "-m", "m.nflow", "t.csv", "--append"});
    CHECK(scores.status == 0);
    CHECK(cli::lines(scores.out).front() == "date;a;b;n;logprob");
    CHECK(cli::lines(scores.out).at(1).rfind("2020-01-01;1,5;2,5;7;-", 0) == 0);
    CHECK(cli::lines(scores.out).at(1).find('.') == std::string::npos);
  }

  TEST_CASE("manner: tabs, bars, and a table without a header") {
    CHECK(Read("a\tb\n1\t2.5\n3\t4\n5\t7.25\n").columns == Words{"a", "b"});
    CHECK(Read("a|b|c\n1|2|x\n3|4|y\n1|7|x\n2|2|y\n").columns == Words{"a", "b", "c"});
    CHECK(Read("1,5;2,5\n3,5;4,5\n7,1;9,5\n2,2;1,25\n").columns == Words{"x1", "x2"});
  }

  TEST_CASE("manner: what commas part stays as it is") {
    const Read read("a,b\n1;2,3.5\n1;2,4.5\n2;1,5.25\n2;1,3\n");
    CHECK(read.columns == Words{"a", "b"});
    CHECK_FALSE(cli::contains(read.trained.err, "read as"));
  }

  TEST_CASE("manner: a comma that may part thousands is not guessed at") {
    const Workdir dir;
    dir.write("t.csv", "a;b\n1,234;2\n2,345;3\n3,456;5\n");
    const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow"});
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(cli::contains(outcome.err, "t.csv:2: column 1 (a): found '1,234'"), outcome.err);
  }

  TEST_CASE("manner: --delimiter says what it is") {
    const Workdir dir;
    dir.write("t.csv", "a;b\n1;2\n3;4\n");
    const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--delimiter", ","});
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(cli::contains(outcome.err, "try --delimiter ';'"), outcome.err);
  }

  TEST_CASE("manner: blanks, with numbers of Fortran") {
    const Read read("a b\n1D0  2\n3D0  5\n4.5D1 8\n7D-1 1\n");
    CHECK(cli::contains(read.trained.err,
                        "t.csv: read as: blanks between fields, D before exponents (a)\n"));
    CHECK(read.columns == Words{"a", "b"});
    const Outcome scores = read.nflow({"logprob", "-m", "m.nflow", "t.csv", "--append"});
    CHECK(cli::lines(scores.out).at(1).rfind("1D0  2 ", 0) == 0);
    const Outcome told = read.nflow({"logprob", "-m", "m.nflow", "t.csv", "--delimiter", "blanks"});
    CHECK(told.status == 0);
    CHECK(cli::lines(told.out).size() == 5);
  }

  TEST_CASE("manner: title lines, units, comments, repeated headers") {
    const Read title("Means, made 20220402\nyear;a;b\n1881;1.5;2\n1882;2.5;3\n1884;1;1\n");
    CHECK(cli::contains(title.trained.err,
                        "t.csv: read as: ; between fields, 1 title line skipped\n"));
    CHECK(title.columns == Words{"year", "a", "b"});
    const Read skipped("x,y,z\nx,y\n1,2\n3,4\n5,7\n2,2\n", {"--skip", "1"});
    CHECK(skipped.columns == Words{"x", "y"});
    const Read units("x,y\nm,s\n1,2\n3,4\n5,7\n2,2\n");
    CHECK(cli::contains(units.trained.err, "t.csv: read as: 1 row of units skipped\n"));
    const Outcome scores = units.nflow({"logprob", "-m", "m.nflow", "t.csv"});
    CHECK(cli::lines(scores.out).size() == 5);
    CHECK(cli::contains(scores.err, "t.csv: 1 row of units skipped\n"));
    const Read labels("x,y\nm,s\n1,2\n3,4\nm,7\nm,2\n", {"--units", "0"});
    CHECK(labels.columns == Words{"x", "y"});
    CHECK_FALSE(cli::contains(labels.trained.err, "skipped"));
    const Read probe("# made by probe 7\n# 2026-01-01\nx,y\n1,2\n3,4\n5,1\n2,2\n");
    CHECK(cli::contains(probe.trained.err, "t.csv: read as: comments behind #\n"));
    const Read buoy("#YY MM WSPD\n#yr mo m/s\n2019 1 2.5\n2020 2 3\n2022 5 1.5\n2019 4 2\n");
    CHECK(buoy.columns == Words{"YY", "MM", "WSPD"});
    CHECK(cli::contains(buoy.trained.err, "names in a comment\n"));
    const Read twice(
        "\xEF\xBB\xBF"
        "a,b\n1,2\n2.5,3\n\xEF\xBB\xBF"
        "a,b\n2.5,1\n4,5\n7,8\n");
    CHECK(cli::contains(twice.trained.err, "t.csv: read as: 1 repeated header skipped\n"));
  }

  TEST_CASE("manner: money, percent and thousands are numbers, and a model reads them again") {
    const Read read(
        "a,b,c,d\n\"10,000\",12 %,$5,?\n\"11,500\",13 %,$7.5,1\n\"9,000\",9 %,\"$1,000\",2\n"
        "\"12,250\",8 %,$6,4\n");
    CHECK(cli::contains(read.trained.err,
                        "t.csv: read as: marks between thousands (a), percent as numbers (b), "
                        "amounts of money as numbers (c), ? among numbers for missing\n"));
    CHECK(read.columns == Words{"a", "b", "c", "d"});
    const Outcome one = read.nflow({"logprob", "-m", "m.nflow"},
                                   "a,b,c,d\n\"11,500\",13 %,$7.5,1\n\"9,000\",9 %,$6,2\n");
    const Outcome plain =
        read.nflow({"logprob", "-m", "m.nflow"}, "a,b,c,d\n11500,13,7.5,1\n9000,9,6,2\n");
    CHECK(one.status == 0);
    CHECK(one.out == plain.out);
  }

  TEST_CASE("manner: a category of two numbers knows them in any form") {
    const Read read("a,b\n01,1.5\n02,2\n01,3\n02,2.5\n01,7\n");
    const Outcome scores = read.nflow({"logprob", "-m", "m.nflow", "t.csv"});
    CHECK(scores.status == 0);
    CHECK_FALSE(cli::contains(scores.out, "inf"));
  }

  TEST_CASE("manner: empty fields, carriage returns, Latin-1, names in quotes") {
    const Read air("a;b;;\n1,5;2;;\n2,5;3;;\n4;1;;\n0,5;2;;\n;;;\n");
    CHECK(cli::contains(air.trained.err,
                        "t.csv: read as: ; between fields, decimal comma, 2 empty fields at the "
                        "end of each line, 1 empty row skipped\n"));
    CHECK(air.columns == Words{"a", "b"});
    CHECK(Read("a,b\r1,2\r3,4\r5,1\r2,2\r").columns == Words{"a", "b"});
    const Read latin("caf\xE9,\"z \"\n1,2\n3,4\n5,1\n2,2\n");
    CHECK(latin.columns == Words{"caf\xC3\xA9", "z"});
    CHECK(latin.nflow({"logprob", "-m", "m.nflow", "t.csv"}).status == 0);
    const Read empty("a,b,c\n1,,2\n3,,4\n5,,5\n2,,2\n");
    CHECK(cli::contains(empty.trained.err, "leaves out what has no value in any row: b"));
  }

  TEST_CASE("manner: dates that hardly repeat are days") {
    std::string table = "date,x\n";
    for (int i = 0; i < 40; ++i) {
      table += (i < 20 ? "2020-01-" : "2020-02-") + std::to_string(i % 20 + 10).substr(0, 2) + "," +
               std::to_string(i * i % 7) + ".5\n";
    }
    const Read read(table);
    CHECK(cli::contains(read.trained.err, "read as: dates as days since 1970-01-01 (date)\n"));
  }

  TEST_CASE("manner: what is no row, or has two readings, is told with the one thing to do") {
    const Workdir dir;
    const auto refused = [&](const std::string& table, const std::string& part) {
      dir.write("t.csv", table);
      const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow"});
      CHECK(outcome.status == 1);
      CHECK_MESSAGE(cli::contains(outcome.err, part), outcome.err);
    };
    refused("a,b\n1,2\n3,4\nTotal of 2 rows\n",
            "t.csv:4: 1 field where 2 were expected; --on-error skip leaves such lines out");
    refused("a;b\n1,234;2\n2,345;3\n", "--decimal , reads 1.234, --thousands , reads 1234");
    refused("10 000\n20 000\n30 000\n", "--delimiter , reads the first, --delimiter blanks");
    CHECK(Read("a;b\n1,234;2\n2,345;3\n3,456;5\n1,111;1\n", {"--thousands", ","}).columns ==
          Words{"a", "b"});
    dir.write("t.csv", "a,b\n1,2\n2,3\n3,\"4\n4,5\n5,6\n6,\"7\n7,8\n2,4\n3,9\n");
    const Outcome stray =
        dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "2", "--on-error", "skip"});
    CHECK_MESSAGE(cli::contains(stray.err, "the first is lines 4 to 7, which quotes join"),
                  stray.err);
  }

  TEST_CASE("manner: --columns takes years by their names") {
    const Read read("Country,2019,2020\n1,2,3\n2,5,1\n7,7,2\n5,6,4\n", {"--columns", "2019-2020"});
    CHECK(read.columns == Words{"2019", "2020"});
  }
}
