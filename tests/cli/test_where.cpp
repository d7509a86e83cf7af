#include <doctest/doctest.h>

#include <cmath>

#include "cli/mpi.h"
#include "cli/trained.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

Outcome run(const Workdir& dir, Words words, const std::string& input = "") {
  const Outcome result = dir.nflow(words, input);
  CHECK_MESSAGE(result.status == 0, result.err);
  return result;
}

std::string without_header(const std::string& csv) { return csv.substr(csv.find('\n') + 1); }

void check_refused(const Words& words, int status, const Words& parts,
                   const std::string& input = "") {
  const Workdir dir;
  const Outcome result = dir.nflow(words, input);
  CHECK(result.status == status);
  if (status == 2) CHECK(result.out.empty());
  CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
}

/// The mass that a line of standard error tells, and its standard error.
std::vector<double> told_mass(const std::string& err) {
  const std::string has = "nflow: the region has ", error = ", standard error ";
  REQUIRE_MESSAGE(err.compare(0, has.size(), has) == 0, err);
  return {std::stod(err.substr(has.size())), std::stod(err.substr(err.find(error) + error.size()))};
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("sample --where draws rows of the region, and tells its mass") {
    const Workdir dir;
    const Words words{"sample", "-m",      cli::model(),           "-n", "2000", "--seed",
                      "3",      "--where", "a > b / 2 && !(a > 1)"};
    const Outcome result = run(dir, words);
    const Words rows = cli::lines(result.out);
    REQUIRE(rows.size() == 2001);
    CHECK(rows[0] == "a,b");
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const auto row = cli::numbers(rows[i]);
      CHECK(row.at(0) > row.at(1) / 2);
      CHECK(row.at(0) <= 1);
    }
    // The mass is the share of rows that are drawn without the condition.
    const std::vector<double> mass = told_mass(result.err);
    const Words all =
        cli::lines(run(dir, {"sample", "-m", cli::model(), "-n", "20000", "--seed", "3"}).out);
    int inside = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      const auto row = cli::numbers(all[i]);
      inside += row.at(0) > row.at(1) / 2 && row.at(0) <= 1 ? 1 : 0;
    }
    CHECK(std::fabs(inside / 20000.0 - mass[0]) < 4 * std::hypot(mass[1], 0.5 / std::sqrt(20000)));
    CHECK(mass[1] < 0.01 * mass[0] + 1e-4);
    // All that is told is this line.
    CHECK(cli::lines(result.err).size() == 1);
    Words json = words;
    json.insert(json.end(), {"--log-format", "json"});
    const auto told = cli::parsed(cli::lines(run(dir, json).err).back());
    CHECK(told.at("region_mass").get<double>() == doctest::Approx(mass[0]).epsilon(1e-3));
  }

  TEST_CASE("sample --where has the same rows on any threads and in any pieces") {
    const Workdir dir;
    const Words words{"sample", "-m", cli::model(), "--seed", "7", "--where", "a > 1"};
    const auto rows = [&](const Words& more) {
      Words own = words;
      own.insert(own.end(), more.begin(), more.end());
      return run(dir, own).out;
    };
    const std::string whole = rows({"-n", "9000"});
    CHECK(rows({"-n", "9000", "--threads", "3"}) == whole);
    CHECK(rows({"-n", "100"}) + without_header(rows({"-n", "8500", "--offset", "100"})) +
              without_header(rows({"-n", "400", "--offset", "8600"})) ==
          whole);
    CHECK(rows({"-n", "0"}) == "a,b\n");
    if (!cli::why_no_mpi().empty()) return;  // told elsewhere
    dir.write("whole.csv", whole);
    const Outcome result = cli::mpi_shell(
        dir, "mpi 3 sample -m \"" + cli::model() +
                 "\" --seed 7 --where 'a > 1' -n 9000 -o s.csv && cmp whole.csv s.csv");
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK(cli::lines(result.err).size() == 1);
  }

  TEST_CASE("sample --where given contexts draws for each of them") {
    const Workdir dir;
    const std::string given = "c\n-1\n0\n1\n";
    const Outcome result = run(dir,
                               {"sample", "-m", cli::conditional_model(), "-n", "200", "--seed",
                                "3", "--given", "-", "--where", "a + b > 0"},
                               given);
    const Words rows = cli::lines(result.out);
    REQUIRE(rows.size() == 601);
    CHECK(rows[0] == "c,a,b");
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const auto row = cli::numbers(rows[i]);
      CHECK(row.at(0) == double((i - 1) / 200) - 1);
      CHECK(row.at(1) + row.at(2) > 0);
    }
    CHECK(cli::contains(result.err, "of the model's mass, on average over the contexts given"));
    CHECK(told_mass(result.err)[0] > 0);
    check_refused(
        {"sample", "-m", cli::conditional_model(), "-n", "2", "--given", "-", "--where", "a > 1e9"},
        1, {"standard input:2: none of 1000000 rows", "in the region"}, given);
  }

  TEST_CASE("logprob --where is log p less that of the region, and -inf outside") {
    const Workdir dir;
    const std::string table = "a,b\n0.5,0.2\n-0.5,0.1\n2,1\n0.1,-3\n";
    const Words plain = cli::lines(run(dir, {"logprob", "-m", cli::model()}, table).out);
    const Outcome result =
        run(dir, {"logprob", "-m", cli::model(), "--where", "a > 0", "--append"}, table);
    const Words given = cli::lines(result.out);
    REQUIRE(given.size() == 5);
    CHECK(given[0] == "a,b,logprob");
    CHECK(given[2] == "-0.5,0.1,-inf");
    const double mass = told_mass(result.err)[0];
    for (const std::size_t i : {1, 3, 4}) {
      CHECK(cli::numbers(given[i]).at(2) ==
            doctest::Approx(std::stod(plain[i]) - std::log(mass)).epsilon(1e-4));
    }
    CHECK(cli::contains(result.err, "1 row is outside the region: log p = -inf\n"));
    CHECK(!cli::contains(result.err, "warning"));
    // Beyond the model's precision is another reason.
    const Outcome far =
        run(dir, {"logprob", "-m", cli::model(), "--where", "a > 0"}, "a,b\n1e300,0\n-1e300,0\n");
    CHECK(far.out == "logprob\n-inf\n-inf\n");
    CHECK(cli::contains(far.err, "warning: 2 rows have log p = -inf (too far out"));
    const Outcome summary =
        run(dir, {"logprob", "-m", cli::model(), "--where", "a > 0", "--summary"}, "a,b\n1,1\n");
    CHECK(cli::lines(summary.out).at(1).compare(0, 2, "1,") == 0);
  }

  TEST_CASE("logprob --where given contexts takes the mass of each") {
    const Workdir dir;
    const std::string table = "c,a,b\n-1,0.5,0.2\n1,0.5,0.2\n1,0.6,0.3\n1,-0.5,0\n";
    const std::string model = cli::conditional_model();
    const Words plain = cli::lines(run(dir, {"logprob", "-m", model}, table).out);
    const Outcome result = run(dir, {"logprob", "-m", model, "--where", "a > 0"}, table);
    const Words given = cli::lines(result.out);
    REQUIRE(given.size() == 5);
    std::vector<double> masses;
    for (const std::size_t i : {1, 2, 3}) {
      masses.push_back(std::exp(std::stod(plain[i]) - std::stod(given[i])));
    }
    CHECK(masses[1] == doctest::Approx(masses[2]));
    CHECK(masses[0] != doctest::Approx(masses[1]));
    for (std::size_t i = 0; i < 2; ++i) {
      const Words drawn =
          cli::lines(run(dir, {"sample", "-m", model, "-n", "20000", "--seed", "1", "--given", "-"},
                         i == 0 ? "c\n-1\n" : "c\n1\n")
                         .out);
      double inside = 0;
      for (std::size_t k = 1; k < drawn.size(); ++k) {
        inside += cli::numbers(drawn[k]).at(1) > 0 ? 1 : 0;
      }
      CHECK(std::fabs(inside / 20000 - masses[i]) < 0.02);
    }
    CHECK(given[4] == "-inf");
    CHECK(cli::contains(result.err, "given the contexts of the rows in it, the region has "));
  }

  TEST_CASE("--where with labels and holes") {
    const Workdir dir;
    std::string text = "the kind,size,wait\n";
    for (int i = 0; i < 200; ++i) {
      const int u = i * 83 % 200;
      text += std::string(u < 90    ? "plain"
                          : u < 150 ? "it's"
                                    : "x") +
              "," + std::to_string(u * 7 % 200 / 9.7) + "," +
              (i % 4 == 0 ? "" : std::to_string(i * 31 % 200 / 3.3)) + "\n";
    }
    dir.write("t.csv", text);
    REQUIRE(cli::train(dir, {"t.csv", "-o", "m.nflow"}).status == 0);
    const Outcome drawn = run(dir, {"sample", "-m", "m.nflow", "-n", "50", "--where",
                                    "`the kind` == 'it''s' && missing(wait)"});
    for (const std::string& line : cli::lines(without_header(drawn.out))) {
      CHECK(line.compare(0, 5, "it's,") == 0);
      CHECK(line.back() == ',');
    }
    const Outcome scores = run(dir, {"logprob", "-m", "m.nflow", "--where", "\"the kind\" != 'x'"},
                               "the kind,size,wait\nx,3,4\nplain,3,4\nwhat,3,4\n");
    const Words lines = cli::lines(scores.out);
    CHECK(lines.at(1) == "-inf");
    CHECK(std::isfinite(std::stod(lines.at(2))));
    CHECK(lines.at(3) == "-inf");
    CHECK(cli::contains(scores.err, "has a label that the model does not have"));
    check_refused({"sample", "-m", dir.path("m.nflow"), "-n", "1", "--where", "`the kind` == 'y'"},
                  2,
                  {"--where: at character 15, ''y'': column 'the kind' of the model has no such "
                   "label"});
  }

  TEST_CASE("--where with mistakes, and regions that are empty or small") {
    const Words sample{"sample", "-m", cli::model(), "-n", "5", "--where"};
    const Words logprob{"logprob", "-m", cli::model(), "--where"};
    const auto refused = [&](Words words, const std::string& where, int status,
                             const Words& parts) {
      words.push_back(where);
      check_refused(words, status, parts, "a,b\n1,1\n");
    };
    refused(sample, "a >", 2, {"--where: at character 4, the end: expected a number"});
    refused(logprob, "A > 1", 2, {"--where: at character 1, 'A > 1'", "did you mean 'a'"});
    refused(sample, "a > 1e9", 1, {"--where: none of 1000000 rows", "below 3e-06"});
    refused(sample, "a^2 + b^2 > 1e9", 1, {"none of"});
    refused(logprob, "a > 1e9", 1, {"none of 10000000 rows", "log p given it is not known"});
    for (const char* option : {"--tail", "--explain", "--below=0.1"}) {
      check_refused({"logprob", "-m", cli::model(), "--where", "a > 0", option}, 2,
                    {"--where", "exclude each other"}, "a,b\n1,1\n");
    }
    check_refused(
        {"sample", "-m", cli::conditional_model(), "-n", "1", "--given", "-", "--where", "c > 0"},
        2, {"the model has no such column"}, "c\n1\n");
  }
}
