#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"

// What commands say of themselves, and the ways in which people write what they want.

namespace {

using cli::contains;
using cli::Environment;
using cli::is_failure;
using cli::Outcome;
using cli::Workdir;
using Words = std::vector<std::string>;

Words sample_of(Words more) {
  more.insert(more.begin(), {"sample", "-m", cli::model()});
  return more;
}

std::string refused(const Words& words) {
  const Outcome outcome = Workdir().nflow(words);
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  return outcome.err;
}

/// Most significant digits of any number there.
std::size_t most_digits(const std::string& csv) {
  std::size_t most = 0;
  for (const std::string& line : cli::lines(csv)) {
    std::string number;
    for (const char c : line + ",") {
      if (c != ',') {
        number += c;
        continue;
      }
      number = number.substr(0, number.find('e'));
      number.erase(
          std::remove_if(number.begin(), number.end(), [](char d) { return d < '0' || d > '9'; }),
          number.end());
      number.erase(0, std::min(number.find_first_not_of('0'), number.size()));
      most = std::max(most, number.size());
      number.clear();
    }
  }
  return most;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("sample without --seed tells the seed that draws its rows again") {
    const Workdir dir;
    CHECK(dir.nflow(sample_of({"-n", "2"})).err.empty());
    CHECK(dir.nflow(sample_of({"-n", "2", "-v", "--seed", "1"})).err.empty());
    const Outcome drawn = dir.nflow(sample_of({"-n", "2", "-v"}));
    const Words told = cli::groups(
        drawn.err, "nflow: drew the seed (\\d+); --seed (\\d+) draws the same rows again\n");
    REQUIRE_MESSAGE(told.size() == 3, drawn.err);
    CHECK(dir.nflow(sample_of({"-n", "2", "--seed", told[1]})).out == drawn.out);

    const Outcome json = dir.nflow(sample_of({"-n", "2", "--log-format", "json"}));
    const auto seed = cli::parsed(json.err).at("seed").get<std::uint64_t>();
    CHECK(seed < (std::uint64_t{1} << 53));
    CHECK(dir.nflow(sample_of({"-n", "2", "--seed", std::to_string(seed)})).out == json.out);
  }

  TEST_CASE("-V is --version, and help names the page of the manual") {
    const Workdir dir;
    const std::string version = dir.nflow({"--version"}).out;
    CHECK(dir.nflow({"-V"}).out == version);
    CHECK(dir.nflow({"-V", "-v"}).out == dir.nflow({"--version", "-v"}).out);
    for (const std::string& command : cli::commands()) {
      CAPTURE(command);
      CHECK(dir.nflow({command, "-V"}).out == version);
      const Outcome help = dir.nflow({"help", command});
      CHECK(help.status == 0);
      CHECK(help.out == dir.nflow({command, "--help"}).out);
      CHECK(cli::lines(help.out).back() == "'man nflow-" + command + "' has the whole of it.");
    }
    CHECK(contains(dir.nflow({"help"}).out, "'man nflow'"));
  }

  TEST_CASE("a model without -m is told of") {
    CHECK(refused({"sample", "m.nflow", "-n", "2"}) ==
          "nflow: unexpected argument 'm.nflow'; if 'm.nflow' is the model, write -m m.nflow\n");
    CHECK(refused({"check", "m.nflow", "t.csv"}) ==
          "nflow: nflow check needs -m MODEL; if 'm.nflow' is the model, write -m m.nflow\n");
    CHECK(refused({"plot", "m.nflow", "t.csv", "-o", "p.svg"}) ==
          "nflow: unexpected argument 't.csv'; if 'm.nflow' is the model, write -m m.nflow\n");
    CHECK(refused({"logprob", "m.nflow"}) ==
          "nflow: nflow logprob needs -m MODEL; if 'm.nflow' is the model, write -m m.nflow\n");
    CHECK(contains(refused({"sample", "-m", "m.nflow", "x", "-n", "2"}),
                   "see 'nflow sample --help'"));
  }

  TEST_CASE("a flag takes no value") {
    for (const char* word : {"--summary=yes", "--summary=", "--summary=-1"}) {
      CHECK(refused({"logprob", "-m", "m.nflow", word}) ==
            "nflow: option '--summary' takes no value\n");
    }
  }

  TEST_CASE("whole numbers may be written with powers of ten") {
    const Workdir dir;
    const std::string rows = dir.nflow(sample_of({"-n", "20", "--seed", "1000"})).out;
    for (const char* twenty : {"2e1", "2E1", "2.0e1", "0.2e2", "20e0", "2e+1", "002e1"}) {
      CAPTURE(twenty);
      CHECK(dir.nflow(sample_of({"-n", twenty, "--seed", "1e3"})).out == rows);
    }
    for (const char* wrong :
         {"2.5", "1.55e1", "e1", "2e", "2e1e1", "2e-1", "2e1.0", "0x1e1", "1e99", "2.e1x", ".e1"}) {
      CAPTURE(wrong);
      CHECK(contains(refused(sample_of({"-n", wrong})), "'" + std::string(wrong) + "' is not"));
    }
    CHECK(contains(refused(sample_of({"-n", "1e30"})), "is not at most"));
    // Each digit counts, as no double holds them.
    CHECK(dir.nflow(sample_of({"-n", "1", "--seed", "1234567890123456789e1"})).out ==
          dir.nflow(sample_of({"-n", "1", "--seed", "12345678901234567890"})).out);
  }

  TEST_CASE("durations may be seconds, and as clocks and queues write them") {
    const auto taken = [](const std::string& text) {
      const Outcome outcome =
          Workdir().nflow({"train", "t.csv", "-o", "m", "--time-limit", text, "--print-config"});
      return outcome.status == 0;
    };
    for (const char* good :
         {"10", "0.5", "90s", "3h30m", "00:10:00", "100:00:00", "1-12:00:00", "0:00:01"}) {
      CAPTURE(good);
      CHECK(taken(good));
    }
    for (const char* bad : {"0", "-1", "10:00", "00:00:00", "1:60:00", "1:00:60", "1-24:00:00",
                            "1::2", "1:2:", ":1:2", "1:2:3:4", "1-2", "1h30", "1.5:00:00", "inf"}) {
      CAPTURE(bad);
      CHECK_FALSE(taken(bad));
    }
    CHECK(contains(refused({"train", "t.csv", "-o", "m", "--time-limit", "10:00"}), "03:30:00"));
  }

  TEST_CASE("--threads is by default what OpenMP and queues say") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 60));
    const Environment one(
        std::vector<std::pair<std::string, std::string>>{{"OMP_NUM_THREADS", "1,2"}});
    CHECK(contains(dir.nflow(cli::training({"-v"})).err, ", 1 thread, "));
    CHECK(contains(dir.nflow(cli::training({"-v", "--threads", "3"})).err, ", 3 threads, "));
  }

  TEST_CASE("--rows is for rows to draw; check and plot look at a --subset, once called --rows") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 200));
    const Words check{"check", "-m", cli::model(), "t.csv"};
    const auto with = [&](Words more) {
      more.insert(more.begin(), check.begin(), check.end());
      return dir.nflow(more).out;
    };
    CHECK(with({"--subset", "30"}) != with({"--subset", "100"}));
    CHECK(with({"--rows", "30"}) == with({"--subset", "30"}));
    CHECK(with({"--rows=30"}) == with({"--subset", "30"}));
    dir.write("c.conf", "rows = 30\n");
    CHECK(with({"--config", "c.conf"}) == with({"--subset", "30"}));
    CHECK(contains(
        dir.nflow({"check", "-m", cli::model(), "t.csv", "--rows", "30", "--subset", "40"}).err,
        "given twice"));
    CHECK_FALSE(contains(dir.nflow({"check", "--help"}).out, "--rows"));
    CHECK_FALSE(contains(dir.nflow({"plot", "--help"}).out, "--rows"));
  }

  TEST_CASE("--digits cuts the numbers written, and no others") {
    const Workdir dir;
    dir.write("t.csv", "a,b\n0.123456,7.654321\n0.25,1\n");
    const Words model{"-m", cli::model()};
    const auto run = [&](Words words, const Words& more) {
      words.insert(words.end(), model.begin(), model.end());
      words.insert(words.end(), more.begin(), more.end());
      const Outcome outcome = dir.nflow(words);
      CHECK_MESSAGE(outcome.status == 0, outcome.err);
      return outcome.out;
    };
    for (const Words& verb :
         {Words{"logprob", "t.csv"}, Words{"transform", "t.csv"},
          Words{"logprob", "--summary", "t.csv"}, Words{"sample", "-n", "50", "--seed", "3"}}) {
      CAPTURE(verb[0]);
      CHECK(most_digits(run(verb, {})) > 6);
      CHECK(most_digits(run(verb, {"--digits", "3"})) == 3);
      CHECK(run(verb, {"--digits", "17"}) == run(verb, {}));
    }
    CHECK(contains(run({"logprob", "--append", "t.csv"}, {"--digits", "2"}), "0.123456,7.654321,"));
    for (const char* wrong : {"0", "18"}) {
      CHECK(contains(refused({"sample", "-n", "1", "--digits", wrong}), "--digits"));
    }
  }

  TEST_CASE("--digits leaves labels, whole numbers and supports alone") {
    const Workdir dir;
    std::string text = "year,colour,share,amount\n";
    for (int i = 0; i < 60; ++i) {
      text += std::to_string(12345 + i % 7) + (i % 2 ? ",red," : ",blue,") +
              std::to_string(0.99 + 0.00016 * i) + "," + std::to_string(i * i % 59 + 0.125) + "\n";
    }
    dir.write("t.csv", text);
    REQUIRE(dir.nflow(cli::quick({"train", "t.csv", "-o", "m.nflow", "--flow", "actnorm",
                                  "--support", "share=[0,0.9999]"}))
                .status == 0);
    const Words rows =
        cli::lines(dir.nflow({"sample", "-m", "m.nflow", "-n", "40", "--digits", "2"}).out);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      CAPTURE(rows[i]);
      CHECK(cli::matches(rows[i], "1234\\d|1235\\d,.*|\\d+,(red|blue),.*"));
      const std::string share = cli::groups(rows[i], "(\\d+),(red|blue),([^,]*),(.*)").at(3);
      CHECK(std::stod(share) <= 0.9999);
    }
  }
}
