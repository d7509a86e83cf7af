#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The output of a sample that works.
std::string sample(const Workdir& dir, const Words& words,
                   const std::string& model = cli::model()) {
  Words all{"sample", "-m", model};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all);
  CHECK_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  return result.out;
}

std::string without_header(const std::string& csv) { return csv.substr(csv.find('\n') + 1); }

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("sample writes rows under the model's column names") {
    Workdir dir;
    const Words rows = cli::lines(sample(dir, {"-n", "20"}));
    REQUIRE(rows.size() == 21);
    CHECK(rows[0] == "a,b");
    for (std::size_t i = 1; i < rows.size(); ++i) CHECK(cli::numbers(rows[i]).size() == 2);
    CHECK(sample(dir, {"-n", "0"}) == "a,b\n");
    CHECK(sample(dir, {"--rows=3"}) != sample(dir, {"--rows=3"}));
    CHECK(sample(dir, {"-n3", "-o", "out.csv", "--seed", "4"}).empty());
    CHECK(dir.read("out.csv") == sample(dir, {"-n", "3", "--seed", "4"}));
  }

  TEST_CASE("sample with a seed draws the same rows on any number of threads") {
    Workdir dir;
    const std::string one = sample(dir, {"-n", "3000", "--seed", "7", "--threads", "1"});
    CHECK(one == sample(dir, {"-n", "3000", "--seed", "7", "--threads", "2"}));
    CHECK(one == sample(dir, {"-n", "3000", "--seed", "7", "--threads", "3"}));
    CHECK(one != sample(dir, {"-n", "3000", "--seed", "8"}));
  }

  TEST_CASE("the jobs of an array make together what one job makes") {
    Workdir dir;
    const std::string whole = sample(dir, {"-n", "9000", "--seed", "7"});
    const std::string first = sample(dir, {"-n", "100", "--seed", "7"});
    const std::string second = sample(dir, {"-n", "8500", "--seed", "7", "--offset", "100"});
    const std::string third = sample(dir, {"-n", "400", "--seed", "7", "--offset", "8600"});
    CHECK(whole == first + without_header(second) + without_header(third));
    const Outcome unseeded = dir.nflow({"sample", "-m", cli::model(), "-n", "1", "--offset", "1"});
    CHECK(unseeded.status == 2);
    CHECK(cli::is_failure(unseeded.err, {"--offset", "--seed"}));
  }

  TEST_CASE("sample --temperature narrows and widens") {
    Workdir dir;
    const auto spread = [&](const std::string& temperature) {
      const Words rows =
          cli::lines(sample(dir, {"-n", "500", "--seed", "1", "--temperature", temperature}));
      double low = 1e9;
      double high = -1e9;
      for (std::size_t i = 1; i < rows.size(); ++i) {
        low = std::min(low, cli::numbers(rows[i]).at(0));
        high = std::max(high, cli::numbers(rows[i]).at(0));
      }
      return high - low;
    };
    CHECK(spread("0.1") < spread("1"));
    CHECK(spread("1") < spread("3"));
    CHECK(sample(dir, {"-n", "5", "--seed", "1"}) ==
          sample(dir, {"-n", "5", "--seed", "1", "--temperature", "1"}));
  }

  TEST_CASE("sample counts a row that cannot be from 1, and names the line it was drawn for") {
    Workdir dir;
    const Words hot{"--temperature", "1e300", "--seed", "1"};
    Words words{"sample", "-m", cli::model(), "-n", "2"};
    words.insert(words.end(), hot.begin(), hot.end());
    CHECK(cli::is_failure(dir.nflow(words).err, {"nflow: row 1 of the sample is beyond"}));
    dir.write("given.csv", "c\n0.5\n");
    words = {"sample", "-m", cli::conditional_model(), "-n", "2", "--given", "given.csv"};
    words.insert(words.end(), hot.begin(), hot.end());
    CHECK(cli::is_failure(dir.nflow(words).err, {"nflow: given.csv:2: row 1 of the sample is"}));
  }

  TEST_CASE("sample --given draws rows for each context") {
    Workdir dir;
    const std::string& model = cli::conditional_model();
    dir.write("given.csv", "id,c\nu,0.5\nv,-0.25\n");
    dir.write("bare.csv", "0.5\n-0.25\n");
    const std::string csv = sample(dir, {"-n", "3", "--given", "given.csv", "--seed", "1"}, model);
    const Words rows = cli::lines(csv);
    REQUIRE(rows.size() == 7);
    CHECK(rows[0] == "c,a,b");
    for (std::size_t i = 1; i < 7; ++i) {
      const std::vector<double> values = cli::numbers(rows[i]);
      REQUIRE(values.size() == 3);
      CHECK(values[0] == (i <= 3 ? 0.5 : -0.25));
    }
    CHECK(csv == sample(dir, {"-n", "3", "--given", "bare.csv", "--seed", "1"}, model));
    dir.write("second.csv", "c\n-0.25\n");
    const std::string second =
        sample(dir, {"-n", "3", "--given", "second.csv", "--seed", "1", "--offset", "3"}, model);
    CHECK(without_header(second) == rows[4] + "\n" + rows[5] + "\n" + rows[6] + "\n");
  }

  TEST_CASE("sample needs the context of conditional models, or a column that others know") {
    Workdir dir;
    dir.write("given.csv", "c\n0.5\n");
    dir.write("other.csv", "d\n0.5\n");
    const Outcome without = dir.nflow({"sample", "-m", cli::conditional_model(), "-n", "1"});
    CHECK(without.status == 2);
    CHECK(without.out.empty());
    CHECK(cli::is_failure(without.err, {"c", "--given"}));
    const Outcome with =
        dir.nflow({"sample", "-m", cli::model(), "-n", "1", "--given", "given.csv"});
    CHECK(with.status == 1);
    CHECK(with.out.empty());
    CHECK(cli::is_failure(with.err, {"given.csv", "no column of the model", "a, b"}));
    const Outcome other =
        dir.nflow({"sample", "-m", cli::conditional_model(), "-n", "1", "--given", "other.csv"});
    CHECK(other.status == 1);
    CHECK(cli::is_failure(other.err, {"other.csv", "no column 'c'"}));
  }
}
