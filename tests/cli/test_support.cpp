#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// Columns: above 0 with a long tail, in [0, 1], whole, and any.
std::string mixed_table(int rows) {
  std::string text = "fare,share,count,any\n";
  for (const std::string& line : cli::lines(cli::table("abcd", rows).substr(8))) {
    const std::vector<double> v = cli::numbers(line);
    text += std::to_string(std::exp(2 * v[0])) + ',' +
            std::to_string(1 / (1 + std::exp(-2 * v[1]))) + ',' +
            std::to_string(static_cast<int>(std::floor(3 + 2 * v[2]))) + ',' +
            std::to_string(v[3]) + '\n';
  }
  return text;
}

const Words kSupports{"--support",   "fare=POSITIVE", "--support",
                      "share=[0,1]", "--support",     "3=INTEGER"};

/// A folder with a table and a model of it with supports.
struct Trained {
  Trained() {
    dir.write("t.csv", mixed_table(400));
    const Outcome outcome = dir.nflow(cli::training(kSupports));
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK(!cli::contains(outcome.err, "warning"));
  }
  Workdir dir;
};

void check_usage(const Words& more, const Words& parts) {
  Workdir dir;
  dir.write("t.csv", mixed_table(100));
  const Outcome outcome = dir.nflow(cli::training(more));
  CHECK(outcome.status == 2);
  CHECK_MESSAGE(cli::is_failure(outcome.err, parts), outcome.err);
  CHECK(!dir.has("m.nflow"));
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train --support: mistakes") {
    check_usage({"--support", "POSITIVE"}, {"--support: 'POSITIVE' is not COLUMN=SUPPORT"});
    check_usage({"--support", "=POSITIVE"}, {"--support: '=POSITIVE' is not COLUMN=SUPPORT"});
    check_usage({"--support", "fare=ROUND"}, {"unknown support 'ROUND'",
                                              "REAL, POSITIVE, [lo,hi], ASINH[centre,width], "
                                              "INTEGER, GRID[step], CATEGORY, CIRCULAR[lo,hi] and "
                                              "KIND+{v,...}"});
    check_usage({"--support", "fare=[1,0]"}, {"'[1,0]': lo must be less than hi"});
    check_usage({"--support", "fair=POSITIVE"}, {"--support: no column 'fair'"});
    check_usage({"--support", "fare=POSITIVE", "--support", "1=REAL"},
                {"--support: column 'fare' is given twice"});
    check_usage({"--support", "any=REAL", "--exclude", "any"},
                {"column 'any' is neither modelled nor context"});
    check_usage({"--support", "any=[0,9]", "--context", "any"},
                {"column 'any' is context, which is CATEGORY or numbers as they are"});
  }

  TEST_CASE("train --support: a value outside is an error with file, line and column") {
    Workdir dir;
    dir.write("t.csv", mixed_table(100) + "1,0.5,2.5,0\n");
    const Outcome outcome = dir.nflow(cli::training({"--support", "count=INTEGER"}));
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(cli::is_failure(outcome.err, {"t.csv:102: column 'count' is 2.5, outside its "
                                                "support INTEGER"}),
                  outcome.err);
    dir.write("t.csv", mixed_table(100));
    dir.write("v.csv", "fare,share,count,any\n-1,0.5,1,0\n");
    const Outcome validation =
        dir.nflow(cli::training({"--support", "fare=POSITIVE", "--validation-file", "v.csv"}));
    CHECK(validation.status == 1);
    const std::string last = cli::lines(validation.err).back();
    CHECK_MESSAGE(cli::contains(last, "v.csv:2: column 'fare' is -1, outside its support POSITIVE"),
                  last);
    CHECK(!cli::contains(last, "missing"));
  }

  TEST_CASE("info shows supports") {
    const Trained trained;
    const Outcome text = trained.dir.nflow({"info", "m.nflow"});
    for (const char* part : {"format version 4", "of its logarithm, support POSITIVE",
                             "of its logit, support [0,1]", "count: support GRID[1], "}) {
      CHECK_MESSAGE(cli::contains(text.out, part), text.out);
    }
    const auto json = cli::parsed(trained.dir.nflow({"info", "--json", "m.nflow"}).out);
    CHECK(json.at("format_version") == 4);
    Words supports;
    for (const auto& column : json.at("columns")) supports.push_back(column.at("support"));
    CHECK(supports == Words{"POSITIVE", "[0,1]", "GRID[1]", "REAL"});
  }

  TEST_CASE("logprob gives -inf outside a support and counts such rows by column") {
    const Trained trained;
    const std::string rows =
        "fare,share,count,any\n1,0.5,2,0\n-1,0.5,2,0\n0,2,2,0\n1,0,3,0\n1,1.5,2,0\n1,0.5,2,1e300\n";
    const Outcome outcome = trained.dir.nflow({"logprob", "-m", "m.nflow"}, rows);
    CHECK(outcome.status == 0);
    const Words scores = cli::lines(outcome.out);
    REQUIRE(scores.size() == 7);
    for (const std::size_t i : {2u, 3u, 5u, 6u}) CHECK(scores[i] == "-inf");
    CHECK(std::isfinite(cli::numbers(scores[1])[0]));
    CHECK(std::isfinite(cli::numbers(scores[4])[0]));
    const Words warnings = cli::lines(outcome.err);
    REQUIRE(warnings.size() == 3);
    CHECK(cli::contains(
        warnings[0], "2 rows have log p = -inf (column 'fare' is outside its support POSITIVE)"));
    CHECK(cli::contains(warnings[1],
                        "1 row has log p = -inf (column 'share' is outside its support [0,1])"));
    CHECK(cli::contains(warnings[2], "1 row has log p = -inf (too far out"));
  }

  TEST_CASE("samples keep to their supports; integers are written as integers") {
    const Trained trained;
    const Outcome sample =
        trained.dir.nflow({"sample", "-m", "m.nflow", "-n", "500", "--seed", "4"});
    const Words rows = cli::lines(sample.out);
    REQUIRE(rows.size() == 501);
    CHECK(rows[0] == "fare,share,count,any");
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const std::vector<double> v = cli::numbers(rows[i]);
      CHECK(v[0] > 0);
      CHECK(v[1] >= 0);
      CHECK(v[1] <= 1);
      CHECK(v[2] == std::floor(v[2]));
    }
    trained.dir.write("s.csv", sample.out);
    const Outcome scores = trained.dir.nflow({"logprob", "-m", "m.nflow", "s.csv"});
    CHECK(!cli::contains(scores.out, "inf"));
    CHECK(scores.err.empty());
  }

  TEST_CASE("transform goes there and back on supports, and refuses rows outside") {
    const Trained trained;
    const std::string row = "fare,share,count,any\n2.5,0.25,3,0.5\n";
    const Outcome latent = trained.dir.nflow({"transform", "-m", "m.nflow"}, row);
    CHECK(latent.status == 0);
    const Outcome back = trained.dir.nflow({"transform", "-m", "m.nflow", "--inverse"}, latent.out);
    const std::vector<double> v = cli::numbers(cli::lines(back.out).at(1));
    CHECK(v[0] == doctest::Approx(2.5).epsilon(1e-6));
    CHECK(v[1] == doctest::Approx(0.25).epsilon(1e-6));
    CHECK(v[2] == 3);
    const Outcome outside =
        trained.dir.nflow({"transform", "-m", "m.nflow"}, row + "2.5,1.25,3,0.5\n");
    CHECK(outside.status == 1);
    CHECK_MESSAGE(cli::is_failure(outside.err, {"standard input:3: column 'share' is 1.25, "
                                                "outside its support [0,1]"}),
                  outside.err);
  }

  TEST_CASE("one row at the end of a small table is no end of the column") {
    Workdir dir;
    dir.write("t.csv", cli::table("ab", 70));
    const std::string hints = dir.nflow(cli::training({})).err;
    CHECK(!cli::contains(hints, "has an end"));
  }

  TEST_CASE("train names the support that a column looks as if it had") {
    Workdir dir;
    std::string table = mixed_table(400);
    for (int i = 0; i < 20; ++i) table += "1.5,0,2," + std::to_string(0.1 * i) + "\n";
    dir.write("t.csv", table);
    const std::string hints = dir.nflow(cli::training({"--infer", "no"})).err;
    CHECK(cli::contains(hints,
                        "column 'fare' is positive with a long tail: --support "
                        "'fare=POSITIVE'"));
    CHECK(cli::contains(hints, "column 'share' has an end: "));
    CHECK(cli::contains(hints, "column 'count' holds integers only: --support 'count=INTEGER'"));
    CHECK(!cli::contains(hints, "column 'any'"));
    const std::string heeded = dir.nflow(cli::training(kSupports)).err;
    CHECK(!cli::contains(heeded, "--support"));
  }
}
