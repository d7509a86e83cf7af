#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// A count, an angle about the seam of [0, 360), and a number that follows it.
std::string angle_table(int rows) {
  std::string text = "count,angle,any\n";
  for (const std::string& line : cli::lines(cli::table("abc", rows).substr(6))) {
    const std::vector<double> v = cli::numbers(line);
    const double turns = 0.3 * v[0] - std::floor(0.3 * v[0]);
    text += std::to_string(static_cast<int>(std::floor(5 + v[2]))) + ',' +
            std::to_string(360 * turns) + ',' + std::to_string(v[1] + std::sin(6.2831 * turns)) +
            '\n';
  }
  return text;
}

/// A folder with a table and a model of it with a circular column, among others.
struct Trained {
  Trained() {
    dir.write("t.csv", angle_table(400));
    const Outcome outcome = dir.nflow(
        cli::training({"--support", "angle=CIRCULAR[0,360]", "--support", "count=INTEGER"}));
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK_MESSAGE(!cli::contains(outcome.err, "warning"), outcome.err);
  }
  Workdir dir;
};

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train --support: mistakes about circles") {
    const std::pair<const char*, const char*> mistakes[] = {
        {"CIRCULAR", "'CIRCULAR': expected CIRCULAR[lo,hi]"},
        {"CIRCULAR[1", "'CIRCULAR[1': expected CIRCULAR[lo,hi]"},
        {"CIRCULAR[2,1]", "'CIRCULAR[2,1]': lo must be less than hi"},
        {"CIRCULAR[a,1]", "'a' is not a number"}};
    Workdir dir;
    dir.write("t.csv", angle_table(100));
    for (const auto& [support, message] : mistakes) {
      const Outcome outcome =
          dir.nflow(cli::training({"--support", std::string("angle=") + support}));
      CHECK(outcome.status == 2);
      CHECK_MESSAGE(cli::is_failure(outcome.err, {message}), outcome.err);
    }
    const Outcome outside = dir.nflow(cli::training({"--support", "angle=CIRCULAR[-180,180]"}));
    CHECK(outside.status == 1);
    CHECK_MESSAGE(cli::contains(outside.err, "outside its support CIRCULAR[-180,180]"),
                  outside.err);
    CHECK(cli::contains(outside.err, "t.csv:"));
    const Outcome idle = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--columns", "angle",
                                    "--support", "angle=CIRCULAR[0,360]", "--bins", "4"});
    CHECK(idle.status == 2);
    CHECK_MESSAGE(cli::is_failure(idle.err, {"--bins: all columns are circular"}), idle.err);
    CHECK(!dir.has("m.nflow"));
  }

  TEST_CASE("info shows circles") {
    const Trained trained;
    const Outcome text = trained.dir.nflow({"info", "m.nflow"});
    CHECK_MESSAGE(cli::contains(text.out, "  angle: in turns, support CIRCULAR[0,360]\n"),
                  text.out);
    const auto json = cli::parsed(trained.dir.nflow({"info", "--json", "m.nflow"}).out);
    CHECK(json.at("format_version") == 4);
    CHECK(json.at("columns")[1].at("name") == "angle");
    CHECK(json.at("columns")[1].at("support") == "CIRCULAR[0,360]");
  }

  TEST_CASE("logprob on circles: the ends are one point, and outside is -inf and counted") {
    const Trained trained;
    const Outcome outcome = trained.dir.nflow(
        {"logprob", "-m", "m.nflow"},
        "count,angle,any\n5,0,0.5\n5,360,0.5\n5,180,0.5\n5,-1,0.5\n5,361,0.5\n5.5,0,0.5\n");
    CHECK(outcome.status == 0);
    const Words scores = cli::lines(outcome.out);
    REQUIRE(scores.size() == 7);
    CHECK(cli::numbers(scores[1])[0] == doctest::Approx(cli::numbers(scores[2])[0]).epsilon(1e-4));
    CHECK(cli::numbers(scores[1])[0] > cli::numbers(scores[3])[0] + 1);
    for (const std::size_t i : {4u, 5u, 6u}) CHECK(scores[i] == "-inf");
    CHECK(cli::contains(
        outcome.err,
        "2 rows have log p = -inf (column 'angle' is outside its support CIRCULAR[0,360])"));
  }

  TEST_CASE(
      "samples keep to their circle, and transform goes there and back, in the table's order") {
    const Trained trained;
    const Outcome sample =
        trained.dir.nflow({"sample", "-m", "m.nflow", "-n", "500", "--seed", "4"});
    const Words rows = cli::lines(sample.out);
    REQUIRE(rows.size() == 501);
    CHECK(rows[0] == "count,angle,any");
    int below = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const std::vector<double> v = cli::numbers(rows[i]);
      CHECK(v[0] == std::floor(v[0]));
      CHECK(v[1] >= 0);
      CHECK(v[1] <= 360);
      below += v[1] < 180 ? 1 : 0;
    }
    CHECK(below > 100);
    CHECK(below < 400);
    const std::string row = "count,angle,any\n5,359,0.25\n";
    const Outcome latent = trained.dir.nflow({"transform", "-m", "m.nflow"}, row);
    const Outcome back = trained.dir.nflow({"transform", "-m", "m.nflow", "--inverse"}, latent.out);
    const std::vector<double> v = cli::numbers(cli::lines(back.out).at(1));
    CHECK(v[0] == 5);
    CHECK(v[1] == doctest::Approx(359).epsilon(1e-6));
    CHECK(v[2] == doctest::Approx(0.25).epsilon(1e-6));
  }

  TEST_CASE("a table of angles alone") {
    Workdir dir;
    dir.write("t.csv", angle_table(400));
    const Outcome trained = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--columns", "angle",
                                       "--support", "angle=CIRCULAR[0,360]", "--max-steps", "20"});
    CHECK_MESSAGE(trained.status == 0, trained.err);
    CHECK(cli::contains(trained.err, "chose the flow of circular splines alone"));
    CHECK(cli::contains(dir.nflow({"info", "m.nflow"}).out, "circular splines"));
    CHECK(dir.nflow({"logprob", "-m", "m.nflow", "t.csv", "--summary"}).status == 0);
  }

  TEST_CASE("an angle that follows another round: told, and right in every question") {
    Workdir dir;
    std::string text = "a,b\n", rows = "a,b\n";
    const std::vector<std::string> lines = cli::lines(cli::table("ab", 600).substr(4));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const double a = std::fmod(137.508 * static_cast<double>(i), 360);
      const double b = std::fmod(a + 2 * cli::numbers(lines[i])[1] + 720, 360);
      (i < 20 ? rows : text) += std::to_string(a) + ',' + std::to_string(b) + '\n';
    }
    dir.write("t.csv", text);
    dir.write("r.csv", rows);
    const Outcome outcome =
        dir.nflow({"train", "t.csv", "-o", "m.nflow", "--support", "a=CIRCULAR[0,360]", "--support",
                   "b=CIRCULAR[0,360]", "--max-steps", "50"});
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK(cli::contains(outcome.err, "column 'b' goes round with others: CIRCULAR[0,360]~[1]"));
    const std::vector<std::string> given = cli::lines(rows);
    for (const int column : {0, 1}) {
      const std::string name(1, "ab"[column]);
      const Outcome asked =
          dir.nflow({"quantile", "-m", "m.nflow", "r.csv", "--column", name, "--mode"});
      REQUIRE_MESSAGE(asked.status == 0, asked.err);
      const std::vector<std::string> answers = cli::lines(asked.out);
      REQUIRE(answers.size() == 21);
      for (std::size_t i = 1; i < answers.size(); ++i) {
        const double other = cli::numbers(given[i])[1 - column];
        const double away = cli::numbers(answers[i]).back() - other;
        CHECK(std::fabs(away - 360 * std::round(away / 360)) < 5);
      }
    }
    const Outcome sampled = dir.nflow({"sample", "-m", "m.nflow", "-n", "500", "--seed", "1"});
    for (const std::string& line : cli::lines(sampled.out.substr(4))) {
      const double away = cli::numbers(line)[1] - cli::numbers(line)[0];
      CHECK(std::fabs(away - 360 * std::round(away / 360)) < 20);
    }
    const Outcome checked = dir.nflow({"check", "-m", "m.nflow"});
    CHECK_MESSAGE(checked.status == 0, checked.out);
  }

  TEST_CASE("an angle that bends with others and the context: told, and right in every question") {
    Workdir dir;
    std::string text = "t,a,b\n", rows = text;
    std::vector<double> truth;
    const std::vector<std::string> lines = cli::lines(cli::table("xy", 620).substr(4));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const double a = std::fmod(137.508 * static_cast<double>(i), 360);
      const double t = cli::numbers(lines[i])[0], noise = cli::numbers(lines[i])[1];
      truth.push_back(a + 40 * std::sin(a * 3.14159265 / 180) + 30 * t);
      const double b = std::fmod(truth.back() + 2 * noise + 3600, 360);
      (i < 20 ? rows : text) +=
          std::to_string(t) + ',' + std::to_string(a) + ',' + std::to_string(b) + '\n';
    }
    dir.write("t.csv", text);
    dir.write("r.csv", rows);
    const Outcome outcome =
        dir.nflow({"train", "t.csv", "-o", "m.nflow", "--context", "t", "--support",
                   "a=CIRCULAR[0,360]", "--support", "b=CIRCULAR[0,360]"});
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK_MESSAGE(cli::contains(outcome.err,
                                "column 'b' stands where others say: "
                                "CIRCULAR[0,360]~["),
                  outcome.err);
    const Outcome asked =
        dir.nflow({"quantile", "-m", "m.nflow", "r.csv", "--column", "b", "--mode"});
    REQUIRE_MESSAGE(asked.status == 0, asked.err);
    const std::vector<std::string> answers = cli::lines(asked.out);
    REQUIRE(answers.size() == 21);
    for (std::size_t i = 1; i < answers.size(); ++i) {
      const double away = cli::numbers(answers[i]).back() - truth[i - 1];
      CHECK(std::fabs(away - 360 * std::round(away / 360)) < 6);
    }
    const Outcome latent =
        dir.nflow({"transform", "-m", "m.nflow", "r.csv", "--append", "-o", "z.csv"});
    CHECK_MESSAGE(latent.status == 0, latent.err);
    const Outcome back = dir.nflow({"transform", "-m", "m.nflow", "--inverse", "z.csv"});
    REQUIRE_MESSAGE(back.status == 0, back.err);
    const std::vector<std::string> given = cli::lines(rows), found = cli::lines(back.out);
    REQUIRE(found.size() == 21);
    for (std::size_t i = 1; i < found.size(); ++i) {
      const std::vector<double> was = cli::numbers(given[i]), is = cli::numbers(found[i]);
      CHECK(std::fabs(is[0] - was[1]) < 1e-2);
      CHECK(std::fabs(is[1] - was[2]) < 1e-2);
    }
    const Outcome checked = dir.nflow({"check", "-m", "m.nflow", "t.csv"});
    CHECK_MESSAGE(checked.status == 0, checked.out);
  }

  TEST_CASE("angles that have nothing to do with each other are told in plain words") {
    Workdir dir;
    std::string text = "a,b\n";
    const auto angle = [](double x) { return std::to_string(360 * (x - std::floor(x))); };
    for (const std::string& line : cli::lines(cli::table("ab", 500).substr(4))) {
      const std::vector<double> v = cli::numbers(line);
      text += angle(13.7 * v[0]) + ',' + angle(17.3 * v[1]) + '\n';
    }
    dir.write("t.csv", text);
    const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--support",
                                       "a=CIRCULAR[0,360]", "--support", "b=CIRCULAR[0,360]"});
    CHECK_MESSAGE(outcome.status == 0, outcome.err);
    CHECK_FALSE_MESSAGE(cli::contains(outcome.err, "warning"), outcome.err);
    CHECK_MESSAGE(cli::contains(outcome.err,
                                "the networks found nothing that the density of each angle does "
                                "not know"),
                  outcome.err);
  }
}
