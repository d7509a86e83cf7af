#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "cli/cli.h"
#include "sanitized.h"

namespace {

using cli::contains;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

Outcome with_config(const Workdir& dir, const std::string& text, Words words) {
  dir.write("job.conf", text);
  words.insert(words.end(), {"--config", "job.conf"});
  return dir.nflow(words);
}

/// The lines of --print-config that are no comments.
std::string settings(const Outcome& printed) {
  CHECK_MESSAGE(printed.status == 0, printed.err);
  CHECK(printed.err.empty());
  std::string text;
  for (const std::string& line : cli::lines(printed.out)) {
    if (!line.empty() && line[0] != '#') text += line + "\n";
  }
  return text;
}

std::string printed(const Workdir& dir, const std::string& config, Words words) {
  words.emplace_back("--print-config");
  return settings(with_config(dir, config, words));
}

void check_refused(const std::string& text, const Words& words, const Words& parts) {
  const Workdir dir;
  const Outcome result = with_config(dir, text, words);
  CAPTURE(text);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
}

/// Values of the kinds that must be readable.
const std::map<std::string, std::string> kExamples{{"N", "30"},
                                                   {"D", "7"},
                                                   {"K", "7"},
                                                   {"C", ";"},
                                                   {"DURATION", "90s"},
                                                   {"P", "0.1"},
                                                   {"F", "0.1"},
                                                   {"R", "0.1"},
                                                   {"SPEC", "maf:hidden=8,8"},
                                                   {"B", "3"},
                                                   {"T", "0.5"},
                                                   {"SIZE", "512M"},
                                                   {"COLUMN=SUPPORT", "a=[0,1]"},
                                                   {"N,N,...", "8,8"},
                                                   {"P,...", "0.1,0.5"},
                                                   {"LO,HI,N", "0,1,5"}};

/// Options that take any text.
const Words kFree{"LIST", "COLUMN", "TOKENS", "EXPRESSION", "FILE", "CSV", "MODEL", "DATA"};

/// "epochs" and "N" of "# epochs = N   # passes over the table".
std::pair<std::string, std::string> unset_option(const std::string& line) {
  const std::size_t equals = line.find(" = "), end = line.find(' ', equals + 3);
  if (line.rfind("# ", 0) != 0 || equals == line.npos) return {};
  return {line.substr(2, equals - 2), line.substr(equals + 3, end - equals - 3)};
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("what could not be read is not printed as a configuration") {
    for (const Words& words : {Words{"--epochs", "x"},
                               {"--time-limit", "5x"},
                               {"--memory", "much"},
                               {"--dropout", "no"},
                               {"--flow", "maff"},
                               {"--support", "a=ROUND"},
                               {"--delimiter", "ab"},
                               {"--hidden", "x"},
                               {"--hidden", "0"},
                               {"--bins", "1"},
                               {"--tail-bound", "-1"},
                               {"--dropout", "1"},
                               {"--decimal", ";"},
                               {"--epochs", "0"},
                               {"--layers", "513"},
                               {"--learning-rate", "0"},
                               {"--validation-fraction", "1"},
                               {"--history", ""}}) {
      Words all{"train", "t.csv", "-o", "m.nflow", "--print-config"};
      all.insert(all.end(), words.begin(), words.end());
      check_refused("", all, {words[0].substr(2)});
    }
  }

  TEST_CASE("a printed configuration trains the same model") {
    const Workdir dir;
    dir.write("t.csv", cli::table("abc", 100));
    Words words = cli::training({"--exclude", "c", "--support", "a=[-9,9]", "--support", "b=[-8,8]",
                                 "--seed", "3", "--history", "a history.csv", "-q"});
    REQUIRE(dir.nflow(words).status == 0);
    const std::string model = dir.read("m.nflow"), history = dir.read("a history.csv");
    dir.shell("rm m.nflow *history*");
    words.emplace_back("--print-config");
    const Outcome config = dir.nflow(words);
    CHECK(contains(settings(config), "data = t.csv\noutput = m.nflow\n"));
    CHECK(contains(settings(config), "support = a=[-9,9]\nsupport = b=[-8,8]\n"));
    CHECK(dir.files() == Words{"t.csv"});  // nothing was done
    const Outcome trained = with_config(dir, config.out, {"train"});
    CHECK(trained.status == 0);
    CHECK(trained.err.empty());
    CHECK(dir.read("m.nflow") == model);
    CHECK(cli::lines(dir.read("a history.csv")).size() == cli::lines(history).size());
  }

  TEST_CASE("every option of every command can stand in a configuration" * nflow::testing::kLong) {
    const Workdir dir;
    for (const std::string& command : cli::commands()) {
      const Outcome all = dir.nflow({command, "--print-config"});
      int options = 0;
      for (const std::string& line : cli::lines(all.out)) {
        const auto [key, value] = unset_option(line);
        if (key.empty()) continue;
        const auto example = kExamples.find(value);
        const std::string text = key + " = " +
                                 (key == "decimal" || key == "thousands" ? ","
                                  : example == kExamples.end() ? value.substr(0, value.find('|'))
                                                               : example->second) +
                                 "\n";
        CHECK(printed(dir, text, {command}) == text);
        if (std::count(kFree.begin(), kFree.end(), value) == 0) {
          check_refused(key + " = \"=x=\"\n", {command, "--print-config"}, {key});
        }
        ++options;
      }
      CHECK(options > 5);
      CHECK(settings(all).empty());
      // And none is missing: --help has these and those that a file cannot hold.
      int listed = 0;
      for (const std::string& line : cli::lines(dir.nflow({command, "--help"}).out)) {
        if (line.rfind("  ", 0) == 0 && line.substr(0, 8).find("--") != line.npos) ++listed;
      }
      const int operand = command == "sample" || command == "info" ? 0 : 1;
      CHECK(options == listed - 4 + operand);
    }
  }

  TEST_CASE("the command line wins over the configuration") {
    const Workdir dir;
    const std::string config =
        "data = a.csv\nepochs = 5\nsupport = a=POSITIVE\nsupport = b=POSITIVE\n"
        "quiet = yes\nvalidation-file = v.csv\n";
    CHECK(printed(dir, config, {"train"}) ==
          "data = a.csv\nsupport = a=POSITIVE\nsupport = b=POSITIVE\nepochs = 5\n"
          "validation-file = v.csv\nquiet = yes\n");
    CHECK(printed(dir, config,
                  {"train", "b.csv", "--epochs", "6", "--support", "c=INTEGER", "-v",
                   "--validation-fraction=0.2"}) ==
          "data = b.csv\nsupport = c=INTEGER\nepochs = 6\nvalidation-fraction = 0.2\n"
          "verbose = yes\n");
    CHECK(printed(dir, "model = a\n", {"info", "b"}) == "model = b\n");
    CHECK(printed(dir, "quiet = no\nverbose = yes\n", {"info"}) == "verbose = yes\n");
  }

  TEST_CASE("the other commands read configurations too") {
    const Workdir dir;
    const std::string model = "model = " + cli::model() + "\n";
    const Outcome sample = with_config(dir, model + "rows = 3\nseed = 1\n", {"sample"});
    CHECK(sample.out == dir.nflow({"sample", "-m", cli::model(), "-n", "3", "--seed", "1"}).out);
    dir.write("s.csv", sample.out);
    CHECK(with_config(dir, model + "data = s.csv\nsummary = yes\n", {"logprob"}).out ==
          dir.nflow({"logprob", "-m", cli::model(), "s.csv", "--summary"}).out);
    CHECK(with_config(dir, model + "data = s.csv\n", {"transform"}).out ==
          dir.nflow({"transform", "-m", cli::model(), "s.csv"}).out);
    CHECK(with_config(dir, model, {"info"}).out == dir.nflow({"info", cli::model()}).out);
  }

  TEST_CASE("mistakes in a configuration are named by file and line") {
    check_refused("\nepohcs = 5\n", {"train"}, {"job.conf:2: ", "'epohcs'", "mean 'epochs'?"});
    check_refused("dada = a.csv\n", {"train"}, {"job.conf:1: ", "mean 'data'?"});
    check_refused("data = a.csv\n", {"sample"}, {"job.conf:1: nflow sample has no option 'data'"});
    check_refused("summary = yes\n", {"train"}, {"nflow train has no option 'summary'"});
    check_refused("config = other.conf\n", {"train"}, {"no option 'config'"});
    check_refused("quiet = 1\n", {"train"}, {"job.conf:1: quiet: '1'", "yes, no"});
    check_refused("epochs = 5\nepochs = 6\n", {"train"}, {"job.conf:2: ", "job.conf:1 already"});
    check_refused("data = a\ndata = b\n", {"plot"}, {"job.conf:2: ", "job.conf:1 already"});
    check_refused("epochs = 5\nfoo\n", {"train"}, {"job.conf:2: found 'foo'"});
    check_refused("schedule = linear\n", {"train"}, {"job.conf:1: schedule: 'linear'", "cosine"});
    check_refused("threads = 0\n", {"info"}, {"job.conf:1: threads: '0'"});
    check_refused("quiet = yes\nverbose = yes\n", {"info"}, {"job.conf:1: quiet and --verbose"});
    const Words train{"train", "a.csv", "-o", "m.nflow"};
    check_refused("seed = 1\nepochs = x\n", train, {"job.conf:2: epochs: 'x'"});
    check_refused("learning-rate = x\n", train, {"job.conf:1: learning-rate: 'x'"});
    check_refused("time-limit = 5x\n", train, {"job.conf:1: time-limit: '5x'"});
    check_refused("delimiter = ab\n", train, {"job.conf:1: delimiter: 'ab'"});
    check_refused("seed = -1\n", train, {"job.conf:1: seed: '-1' is not at least 0"});
    check_refused("\nflow = mfa\n", train, {"job.conf:2: unknown flow 'mfa'", "'maf'"});
    check_refused("hidden = 0\n", train, {"job.conf:1: flow option hidden=0"});
    check_refused("support = a=REAL\nsupport = b\n", train, {"job.conf:2: support: 'b'"});
    check_refused("support = a=POSTIVE\nsupport = b=REAL\n", train, {"job.conf:1: support: "});
  }

  TEST_CASE("a configuration that cannot be read is an error") {
    const Workdir dir;
    const Outcome missing = dir.nflow({"train", "--config", "job.conf"});
    CHECK(missing.status == 1);
    CHECK(cli::is_failure(missing.err, {"job.conf", "No such file"}));
    CHECK(dir.nflow({"train", "--config", "-"}).status == 2);
    CHECK(dir.nflow({"train", "--config", "/dev/zero"}).status == 2);
  }
}
