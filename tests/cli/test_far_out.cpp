#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "cli/cli.h"

// Numbers far from all others, in a table to train on and in one to score; and what nflow makes of
// a narrow direction, of very many columns and of very few rows.

using cli::Outcome;
using cli::Workdir;

namespace {

double number(const std::string& summary, std::size_t column) {
  return cli::numbers(cli::lines(summary).at(1)).at(column);
}

/// y = 2 c with noise of deviation 0.1, c in [0, 10].
std::string line(int rows, unsigned seed, bool outliers) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 10);
  std::normal_distribution<double> normal;
  std::string text = "y,c\n";
  for (int r = 0; r < rows; ++r) {
    const double c = uniform(random), y = 2 * c + 0.1 * normal(random);
    const double shown = outliers && r % 500 == 250 ? 1e8 * (1 + c) : c;
    text += std::to_string(y) + ',' + std::to_string(shown) + '\n';
  }
  return text;
}

std::string normal_table(int rows, int columns, unsigned seed, double mean, double deviation) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::string text;
  for (int j = 0; j < columns; ++j) text += (j > 0 ? ",x" : "x") + std::to_string(j);
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < columns; ++j) {
      text += (j > 0 ? "," : "\n") + std::to_string(mean + deviation * normal(random));
    }
  }
  return text + "\n";
}

constexpr double kEntropy = 1.4189385332046727;  // of a standard normal

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("far out: a few wild contexts are told and do no harm; those to score are counted") {
    Workdir dir;
    dir.write("wild.csv", line(2000, 1, true));
    dir.write("new.csv", line(2000, 2, false));
    const Outcome trained =
        dir.nflow({"train", "wild.csv", "--columns", "y", "--context", "c", "-o", "m.nflow",
                   "--flow", "mixture:components=3", "--seed", "1"});
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    CHECK(cli::contains(trained.err,
                        "wild.csv: column 'c' is over 1000 deviations away from its other values "
                        "in"));
    const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "new.csv", "--summary"});
    CHECK(scores.err.empty());
    CHECK(number(scores.out, 1) > std::log(10) - kEntropy - 0.03);

    dir.write("beyond.csv", "y,c\n0,1e9\n0,-30\n0,5\n");
    const Outcome beyond = dir.nflow({"logprob", "-m", "m.nflow", "beyond.csv"});
    CHECK(cli::contains(beyond.err,
                        "nflow: warning: 2 rows have a context far outside the training "
                        "rows, whose 'c' is 0."));
    dir.write("given.csv", "c\n1e9\n");
    const Outcome drawn =
        dir.nflow({"sample", "-m", "m.nflow", "--given", "given.csv", "-n", "50", "--seed", "1"});
    CHECK(cli::contains(drawn.err, "50 rows have a context far outside"));
    for (std::size_t r = 1; r <= 50; ++r) {
      CHECK(std::fabs(cli::numbers(cli::lines(drawn.out).at(r)).at(1)) < 100);
    }
  }

  TEST_CASE(
      "far out: a narrow direction is modelled at its own scale, across the ends of its circle") {
    Workdir dir;
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    const auto directions = [&](int rows) {
      std::string text = "ra\n";
      for (int r = 0; r < rows; ++r) {
        const double x = 0.2 + 0.6 * normal(random);
        text += std::to_string(x < 0 ? x + 360 : x) + '\n';
      }
      return text;
    };
    dir.write("ra.csv", directions(600));
    dir.write("new.csv", directions(4000));
    const Outcome trained = dir.nflow({"train", "ra.csv", "--support", "ra=CIRCULAR[0,360]", "-o",
                                       "m.nflow", "--max-steps", "50"});
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    CHECK(
        cli::contains(trained.err,
                      "nflow: ra.csv: column 'ra' leaves a side of its circle empty, which is cut "
                      "open at 180."));
    const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "new.csv", "--summary"});
    CHECK(number(scores.out, 1) == doctest::Approx(-std::log(0.6) - kEntropy).epsilon(0.05));
    const Outcome drawn = dir.nflow({"sample", "-m", "m.nflow", "-n", "4000", "--seed", "1"});
    double squares = 0;
    for (std::size_t r = 1; r <= 4000; ++r) {
      const double x = cli::numbers(cli::lines(drawn.out)[r]).at(0);
      CHECK(x >= 0);
      CHECK(x <= 360);
      const double away = x > 180 ? x - 360.2 : x - 0.2;
      squares += away * away;
    }
    CHECK(std::sqrt(squares / 4000) == doctest::Approx(0.6).epsilon(0.1));
  }

  TEST_CASE("far out: ten rows of thirty columns, and more than 64 columns, are a normal density") {
    Workdir dir;
    dir.write("few.csv", normal_table(10, 30, 1, 5, 2));
    dir.write("new.csv", normal_table(500, 30, 2, 5, 2));
    REQUIRE(dir.nflow({"train", "few.csv", "-o", "m.nflow"}).status == 0);
    const Outcome few = dir.nflow({"logprob", "-m", "m.nflow", "new.csv", "--summary"});
    CHECK(number(few.out, 1) > 30 * (-std::log(2) - kEntropy) - 8);

    dir.write("wide.csv", normal_table(300, 80, 1, 5, 2));
    dir.write("new.csv", normal_table(500, 80, 2, 5, 2));
    const Outcome wide =
        dir.nflow({"train", "wide.csv", "-o", "m.nflow", "--max-steps", "20", "--hidden", "8"});
    REQUIRE(wide.status == 0);
    CHECK(cli::contains(wide.err, "a fitted Gaussian has"));
    const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "new.csv", "--summary"});
    CHECK(number(scores.out, 1) > 80 * (-std::log(2) - kEntropy) - 2);
  }
}
