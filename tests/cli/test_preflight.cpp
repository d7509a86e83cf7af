#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

Outcome train(const Workdir& dir, Words words) {
  words.insert(words.begin(), {"train", "a.csv", "-o", "m.nflow"});
  return dir.nflow(cli::quick(std::move(words)));
}

/// The table a,b with one more column, computed from the row.
template <class Value>
std::string with_column(const std::string& name, int rows, Value value) {
  std::ostringstream text;
  text.precision(15);
  text << "a,b," << name << "\n";
  const Words lines = cli::lines(cli::table("ab", rows));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<double> row = cli::numbers(lines[i]);
    text << lines[i] << "," << value(row[0], row[1], static_cast<int>(i)) << "\n";
  }
  return text.str();
}

/// The table with a column of weights w, 1 where a is negative and 4 elsewhere; or each row as
/// often as that.
std::string by_weight(const std::string& table, bool repeated) {
  const Words lines = cli::lines(table);
  std::string text = lines[0] + ",w\n";
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const int weight = lines[i][0] == '-' ? 1 : 4;
    for (int k = 0; k < (repeated ? weight : 1); ++k) {
      text += lines[i] + ',' + std::to_string(weight) + '\n';
    }
  }
  return text;
}

/// What the verdict of a training of a.csv tells to programs.
nlohmann::json verdict(const Workdir& dir, Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"--log-format", "json", "--infer", "no"});
  const Outcome result = train(dir, words);
  REQUIRE_MESSAGE(result.status == 0, result.err);
  for (const std::string& line : cli::lines(result.err)) {
    nlohmann::json told = cli::parsed(line);
    if (told.contains("gaussian_log_prob")) return told;
  }
  FAIL("no verdict");
  return {};
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("dependent columns are refused, with their relation and a way out that works") {
    const auto check = [&](const std::string& table, const Words& parts, const Words& way_out) {
      const Workdir dir;
      dir.write("a.csv", table);
      const Outcome refused = train(dir, {"--infer", "no"});
      CHECK(refused.status == 1);
      CHECK_MESSAGE(cli::is_failure(refused.err, parts), refused.err);
      CHECK(!dir.has("m.nflow"));
      Words words = way_out;
      words.insert(words.end(), {"--infer", "no"});
      const Outcome trained = train(dir, words);
      CHECK_MESSAGE(trained.status == 0, trained.err);
    };
    check(with_column("c", 200, [](double a, double, int) { return a; }),
          {"a.csv", "'c' repeats 'a'", "--exclude c leaves it out"}, {"--exclude", "c"});
    check(with_column("c", 200, [](double a, double, int) { return 1.8 * a + 32; }),
          {"'c' is 1.8 a + 32", "--exclude c"}, {"--exclude", "c"});
    check(with_column("the c", 200, [](double a, double b, int) { return 2 * a - b; }),
          {"'the c' is 2 a - b in every row", "--exclude 'the c'"}, {"--exclude", "the c"});
    check(with_column("c", 200, [](double, double b, int) { return -b; }),
          {"'c' is -b", "--exclude c"}, {"--exclude", "a,c"});
  }

  TEST_CASE("an integer column may follow from others, for its probabilities are bounded") {
    const Workdir dir;
    std::string table = "a,b,c\n";
    for (int i = 0; i < 200; ++i) {
      const int a = i * i % 17, b = i * 7 % 13;
      table += std::to_string(a) + "," + std::to_string(b) + "," + std::to_string(a + b) + "\n";
    }
    dir.write("a.csv", table);
    CHECK(cli::is_failure(train(dir, {"--infer", "no"}).err, {"'c' is a + b"}));
    const Outcome integers = train(dir, {"--support", "a=INTEGER", "--support", "b=INTEGER",
                                         "--support", "c=INTEGER", "--infer", "no"});
    CHECK_MESSAGE(integers.status == 0, integers.err);
    CHECK(!cli::contains(integers.err, "follows"));
    const Outcome reals = train(dir, {"--support", "c=INTEGER", "--infer", "no"});
    CHECK(cli::is_failure(reals.err, {"'b' is c - a in every row"}));
  }

  TEST_CASE("what is doubtful is a warning with a hint") {
    const Workdir dir;
    const auto check = [&](const std::string& table, const std::string& text) {
      dir.write("a.csv", table);
      const Outcome result = train(dir, {"--infer", "no"});
      CHECK_MESSAGE(result.status == 0, result.err);
      CHECK_MESSAGE(cli::has_match(result.err, "nflow: warning: a\\.csv: " + text), result.err);
      CHECK(train(dir, {"-q"}).err.empty());
    };
    check(with_column("c", 300,
                      [](double a, double b, int) { return std::round(1e4 * (a + b)) / 1e4; }),
          "column 'c' is a \\+ b, but for .*e-05 .*--exclude c");
    check(with_column("c", 300, [](double a, double b, int i) { return i % 4 == 0 ? 0 : a * b; }),
          "column 'c' is 0 in 2[0-9]% of the rows");
    check(cli::table("abcd", 40), "36 training rows are few for 4 columns");
    std::string twice = cli::table("ab", 200);
    twice += twice.substr(4);
    check(twice, "[0-9]+% of the training rows repeat others");
    const auto whole = [](double unit) {
      return with_column(
          "c", 300, [=](double a, double b, int) { return unit * std::round(100 * (a + b * b)); });
    };
    check(whole(1), "column 'c' holds integers only: --support 'c=INTEGER'");
    dir.write("a.csv", whole(1e300));  // INTEGER ends where not every whole number is a double
    const Outcome far = train(dir, {"--infer", "no"});
    CHECK(far.status == 0);
    CHECK_FALSE(cli::contains(far.err, "INTEGER"));
  }

  TEST_CASE("the verdict stands before the last line") {
    const Workdir dir;
    dir.write("a.csv", cli::table("ab", 400));
    const Outcome result = train(dir, {"--max-steps", "100"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const Words lines = cli::lines(result.err);
    REQUIRE(lines.size() >= 2);
    const std::string number = "(-?[0-9]+\\.[0-9]{2,4})";
    const std::string verdict = "nflow: validation log p " + number + " \\+- " + number +
                                " nats/row; a fitted Gaussian has " + number +
                                " \\(([+-][0-9.]+)\\)";
    const std::string line = lines[lines.size() - 2];
    const Words found = cli::groups(line, verdict);
    REQUIRE_MESSAGE(!found.empty(), line);
    CHECK(std::stod(found[1]) - std::stod(found[3]) ==
          doctest::Approx(std::stod(found[4])).epsilon(0.1).scale(0.1));
    CHECK(cli::contains(lines.back(), "nflow: saved m.nflow: validation log p = "));
    const std::size_t at = lines.back().find("= ") + 2;
    CHECK(std::stod(lines.back().substr(at)) == doctest::Approx(std::stod(found[1])).epsilon(0.01));
  }

  TEST_CASE("the verdict counts by weights, and given the context") {
    const Workdir dir;
    dir.write("a.csv", by_weight(cli::table("abc", 300), false));
    dir.write("v.csv", by_weight(cli::table("abc", 200, 2), false));
    const Words validation{"--validation-file", "v.csv"};
    const nlohmann::json weighted = verdict(dir, {"--weights", "w", "--context", "c"}, validation);
    CHECK(weighted["mean_log_prob"] != weighted["gaussian_log_prob"]);
    const nlohmann::json info = cli::parsed(dir.nflow({"info", "m.nflow", "--json"}).out);
    CHECK(weighted["mean_log_prob"].get<double>() ==
          doctest::Approx(info["training"]["validation_log_prob"].get<double>()).epsilon(1e-5));

    const auto gaussian = [](const nlohmann::json& told) {
      return told["gaussian_log_prob"].get<double>();
    };
    const double figure = gaussian(weighted);
    CHECK(std::fabs(gaussian(verdict(dir, {"--exclude", "w", "--context", "c"}, validation)) -
                    figure) > 0.02);
    CHECK(std::fabs(gaussian(verdict(dir, {"--weights", "w", "--exclude", "c"}, validation)) -
                    figure) > 0.02);
    dir.write("a.csv", by_weight(cli::table("abc", 300), true));
    dir.write("v.csv", by_weight(cli::table("abc", 200, 2), true));
    CHECK(gaussian(verdict(dir, {"--exclude", "w", "--context", "c"}, validation)) ==
          doctest::Approx(figure).epsilon(1e-4));  // but for the prior, which sees more rows
  }
}
