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
}
