#include <doctest/doctest.h>

#include <cmath>

#include "cli/trained.h"
#include "nflow/csv.h"

// train --missing fit: holes are values that are not known.

namespace {

using cli::info;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// y = x + noise, mostly missing where x is high; a label that goes with x, missing now and then.
std::string table(int rows, bool holes) {
  std::string text = "x,y,k\n";
  for (int i = 0; i < rows; ++i) {
    const double x = std::sqrt(-2 * std::log((i + 0.5) / rows)) * std::cos(2.4 * i);
    const double y = x + 0.3 * std::sin(17.0 * i);
    text += nflow::number_text(x) + "," +
            (holes && x > 0 && i % 4 != 1 ? "" : nflow::number_text(y)) + "," +
            (holes && i % 5 == 0 ? "NA"
             : x > 0             ? "high"
                                 : "low") +
            "\n";
  }
  return text;
}

struct Trained : Workdir {
  Outcome train(const Words& more) const {
    Words words{"train", "t.csv", "-o", "m.nflow"};
    words.insert(words.end(), more.begin(), more.end());
    return nflow(words);
  }
};

double mean_of(const std::string& csv, std::size_t column) {
  double sum = 0;
  const Words lines = cli::lines(csv);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string field = lines[i];
    for (std::size_t j = 0; j < column; ++j) field = field.substr(field.find(',') + 1);
    sum += std::stod(field);
  }
  return sum / static_cast<double>(lines.size() - 1);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("missing fit: what is missing at random does not move the density") {
    const Trained dir;
    dir.write("t.csv", table(500, true));
    const Outcome fit = dir.train({"--missing", "fit", "--max-steps", "50"});
    REQUIRE_MESSAGE(fit.status == 0, fit.err);
    CHECK_MESSAGE(cli::contains(fit.err, "taken as missing at random"), fit.err);
    const Words sample{"sample", "-m", "m.nflow", "-n", "5000", "--seed", "1"};
    const double mean = mean_of(dir.nflow(sample).out, 1);
    CHECK(std::fabs(mean) < 0.1);
    CHECK(info(dir).at("columns").at(1).at("support") == "REAL");
    const Outcome drop = dir.train({"--missing", "drop", "--max-steps", "50"});
    REQUIRE(drop.status == 0);
    CHECK(mean_of(dir.nflow(sample).out, 1) < -0.3);
  }

  TEST_CASE("missing fit: a table without holes gives the bytes that it gives without the option") {
    const Trained dir;
    dir.write("t.csv", table(300, false));
    REQUIRE(dir.train({"--max-steps", "5"}).status == 0);
    const std::string before = dir.read("m.nflow");
    REQUIRE(dir.train({"--max-steps", "5", "--missing", "fit"}).status == 0);
    CHECK(dir.read("m.nflow") == before);
  }

  TEST_CASE("missing fit: the same bytes on any number of threads, and after a resume") {
    const Trained dir;
    dir.write("t.csv", table(300, true));
    const Words fit{"--missing", "fit", "--max-steps", "5", "--threads"};
    Words one = fit, two = fit;
    one.push_back("1");
    two.push_back("2");
    REQUIRE(dir.train(one).status == 0);
    const std::string before = dir.read("m.nflow");
    REQUIRE(dir.train(two).status == 0);
    CHECK(dir.read("m.nflow") == before);
    two.insert(two.end(), {"--checkpoint", "c", "--time-limit", "0.001s"});
    const Outcome stopped = dir.train(two);
    REQUIRE_MESSAGE(stopped.status == 75, stopped.err);
    two.resize(two.size() - 4);
    two.insert(two.end(), {"--resume", "c"});
    const Outcome resumed = dir.train(two);
    REQUIRE_MESSAGE(resumed.status == 0, resumed.err);
    CHECK(dir.read("m.nflow") == before);
  }

  TEST_CASE("missing fit: rows without any value are left out, and columns without one refused") {
    const Trained dir;
    dir.write("t.csv", table(300, true) + ",,\n,,\n");
    const Outcome fit = dir.train({"--missing", "fit", "--max-steps", "2"});
    REQUIRE_MESSAGE(fit.status == 0, fit.err);
    CHECK_MESSAGE(cli::contains(fit.err, "t.csv: left out 2 rows without any value\n"), fit.err);
    dir.write("t.csv", "x,y\n1,\n2,\n3,\n4,\n5,\n");
    const Outcome none = dir.train({"--missing", "fit", "--infer", "no"});
    CHECK(none.status == 1);
    CHECK_MESSAGE(cli::contains(none.err, "column 'y' has no value in any row to train on"),
                  none.err);
  }

  TEST_CASE("missing fit: a column of which holes are values is a contradiction") {
    const Trained dir;
    dir.write("t.csv", table(300, true));
    const Outcome both = dir.train({"--missing", "fit", "--support", "y=REAL+{missing}"});
    CHECK(both.status == 2);
    CHECK_MESSAGE(cli::is_failure(both.err, {"--missing fit", "--support y=REAL+{missing}"}),
                  both.err);
  }
}
