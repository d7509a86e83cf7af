#include <doctest/doctest.h>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

Outcome train(const Workdir& dir, Words words) {
  words.insert(words.begin(), {"train", "-o", "m.nflow"});
  return dir.nflow(cli::quick(std::move(words)));
}

/// The table with a last column w of weights.
std::string with_weights(const std::string& table, const Words& weights) {
  std::string text;
  const Words lines = cli::lines(table);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += lines[i] + "," + (i == 0 ? "w" : weights[(i - 1) % weights.size()]) + "\n";
  }
  return text;
}

/// What ends a command that has told of kinds of columns before.
std::string last_line(const Outcome& outcome) { return cli::lines(outcome.err).back() + "\n"; }

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train --weights takes a column for weights, and does not model it") {
    const Workdir dir;
    const std::string table = cli::table("ab", 300);
    dir.write("plain.csv", table);
    dir.write("equal.csv", with_weights(table, {"2.5"}));
    dir.write("some.csv", with_weights(table, {"1", "3"}));
    REQUIRE(train(dir, {"plain.csv"}).status == 0);
    const std::string plain = dir.read("m.nflow");
    const Outcome equal = train(dir, {"equal.csv", "--weights", "w"});
    REQUIRE_MESSAGE(equal.status == 0, equal.err);
    // Equal weights are none but for the rounding of means.
    CHECK(cli::lines(dir.nflow({"sample", "-m", "m.nflow", "-n", "1"}).out)[0] == "a,b");
    CHECK(dir.read("m.nflow").size() == plain.size());
    CHECK(cli::contains(equal.err, "effective sample size 270.0\n"));
    const Outcome some = train(dir, {"some.csv", "--weights", "3"});  // by its number
    REQUIRE_MESSAGE(some.status == 0, some.err);
    CHECK(cli::has_match(some.err, "'w': effective sample size 2[0-9]{2}\\.[0-9]\n"));
    CHECK(dir.read("m.nflow") != plain);
  }

  TEST_CASE("weights may have any size: their ratios alone make model and verdict") {
    const Workdir dir;
    const std::string table = cli::table("ab", 100);
    const auto verdict = [&](const Words& weights, const Words& more) {
      dir.write("t.csv", with_weights(table, weights));
      Words words{"t.csv", "--weights", "w"};
      words.insert(words.end(), more.begin(), more.end());
      const Outcome result = train(dir, words);
      REQUIRE_MESSAGE(result.status == 0, result.err);
      const std::size_t at = result.err.find("validation log p");
      return result.err.substr(at, result.err.find('\n', at) - at);
    };
    for (const Words& more : {Words{}, Words{"--support", "a=[-9,9]"}}) {
      const std::string usual = verdict({"1", "2"}, more), model = dir.read("m.nflow");
      CHECK_MESSAGE(cli::has_match(usual, "\\+- 0\\.[0-9]*[1-9]"), usual);
      for (const Words& weights : {Words{"4", "8"}, Words{"0x1p1022", "0x1p1023"},
                                   Words{"0x1p-600", "0x1p-599"}, Words{"5e-324", "1e-323"}}) {
        CAPTURE(weights[0]);
        CHECK(verdict(weights, more) == usual);
        CHECK(dir.read("m.nflow") == model);
      }
      for (const Words& weights : {Words{"4e307", "8e307"}, Words{"2e-320", "4e-320"},
                                   Words{"1e200", "2e200"}, Words{"1e-200", "2e-200"}}) {
        CAPTURE(weights[0]);
        CHECK(verdict(weights, more) == usual);
        if (more.empty()) CHECK(dir.read("m.nflow") == model);  // else but for rounding
      }
    }
  }

  TEST_CASE("a weight above 0 is one, however small beside others") {
    const Workdir dir;
    dir.write("t.csv", with_weights(cli::table("ab", 100), {"1e-320", "0", "1e300"}));
    const Outcome result = train(dir, {"t.csv", "--weights", "w"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "left out 33 rows of weight 0"));
    CHECK(cli::contains(result.err, ", 67 rows, "));
    CHECK(!cli::contains(result.err, "nan"));
  }

  TEST_CASE("weights of which one is worth all others are told") {
    Workdir dir;
    std::string rows = "x,w\n";
    for (int r = 0; r < 100; ++r) {
      rows += std::to_string(r * r % 101) + (r == 7 ? ".5,1e9\n" : ".5,1\n");
    }
    dir.write("rows.csv", rows);
    const Outcome trained = dir.nflow({"train", "rows.csv", "-o", "m.nflow", "--weights", "w"});
    CHECK(trained.status == 0);
    CHECK(cli::contains(trained.err, "by their weights in 'w' the 90 training rows are worth 1.0"));
  }

  TEST_CASE("rows of weight 0 are left out") {
    const Workdir dir;
    const std::string table = cli::table("ab", 200);
    dir.write("a.csv", with_weights(table, {"1", "2"}));
    dir.write("b.csv", with_weights(table, {"1", "2"}) + "1e9,-1e9,0\n5,5,0\n");
    REQUIRE(train(dir, {"a.csv", "--weights", "w"}).status == 0);
    const std::string model = dir.read("m.nflow");
    const Outcome result = train(dir, {"b.csv", "--weights", "w"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "left out 2 rows of weight 0"));
    CHECK(cli::contains(result.err, ", 200 rows, "));
    CHECK(dir.read("m.nflow") == model);
  }

  TEST_CASE("weights that cannot be are named by file, line and column") {
    const Workdir dir;
    const std::string table = cli::table("ab", 50);
    const auto check = [&](const Words& weights, const Words& parts) {
      dir.write("a.csv", with_weights(table, weights));
      const Outcome result = train(dir, {"a.csv", "--weights", "w"});
      CHECK(result.status == 1);
      CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
      CHECK(!dir.has("m.nflow"));
    };
    check({"1", "1", "-0.5"}, {"a.csv:4", "'w'", "negative", "-0.5"});
    check({"1", "heavy"}, {"a.csv:3", "column 3 (w)", "heavy"});
    check({"1", ""}, {"a.csv:3", "column 3 (w)", "missing"});
    check({"0"}, {"a.csv", "all weights in column 'w' are 0"});
    check({"inf"}, {"a.csv:2", "column 3 (w)"});
  }

  TEST_CASE("a validation file needs the weights too") {
    const Workdir dir;
    dir.write("a.csv", with_weights(cli::table("ab", 100), {"1", "2"}));
    dir.write("plain.csv", cli::table("ab", 50, 2));
    dir.write("negative.csv", with_weights(cli::table("ab", 50, 2), {"-1"}));
    dir.write("zero.csv", with_weights(cli::table("ab", 50, 2), {"0"}));
    dir.write("good.csv", with_weights(cli::table("ab", 50, 2), {"3", "0"}));
    const auto run = [&](const std::string& file) {
      return train(dir, {"a.csv", "--weights", "w", "--validation-file", file});
    };
    CHECK(cli::is_failure(last_line(run("plain.csv")), {"plain.csv", "'w'"}));
    CHECK(cli::is_failure(last_line(run("negative.csv")), {"negative.csv:2", "'w'", "negative"}));
    CHECK(cli::contains(run("zero.csv").err, "zero.csv: all weights in column 'w' are 0"));
    const Outcome good = run("good.csv");
    CHECK(good.status == 0);
    CHECK(cli::contains(good.err, "100 rows to train on, 25 to validate with"));
  }

  TEST_CASE("--weights is one column, and no other option's") {
    const Workdir dir;
    dir.write("a.csv", with_weights(cli::table("ab", 50), {"1"}));
    const auto refused = [&](Words words, const Words& parts) {
      words.insert(words.begin(), "a.csv");
      const Outcome result = train(dir, words);
      CHECK(result.status == 2);
      CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
    };
    refused({"--weights", "v"}, {"--weights", "no column 'v'"});
    refused({"--weights", "a,b"}, {"--weights", "one column"});
    refused({"--weights", "w", "--context", "w"}, {"'w'", "--weights and --context"});
    refused({"--weights", "w", "--columns", "a,w"}, {"'w'", "--weights and --columns"});
    CHECK(train(dir, {"a.csv", "--weights", "w", "--exclude", "w"}).status == 0);
    CHECK(train(dir, {"a.csv", "--weights", "w", "--context", "b"}).status == 0);
  }
}
