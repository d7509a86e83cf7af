#include <doctest/doctest.h>

#include <algorithm>

#include "cli/cli.h"
#include "nflow/registry.h"
#include "sanitized.h"

namespace {

using cli::contains;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The words that `nflow complete` offers, and its lines without a help.
Words offers(const Workdir& dir, Words words) {
  words.insert(words.begin(), "complete");
  const Outcome result = dir.nflow(words);
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  Words list;
  for (const std::string& line : cli::lines(result.out)) {
    list.push_back(line.substr(0, line.find('\t')));
  }
  return list;
}

bool has(const Words& list, const std::string& word) {
  return std::count(list.begin(), list.end(), word) == 1;
}

Workdir& with_table() {
  static Workdir dir;
  dir.write("t.csv", "a;bb;b c;\"d,e\"\n1;2;3;4\n");
  return dir;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("completion knows the commands") {
    const Workdir dir;
    Words expected = cli::commands();
    expected.emplace_back("help");
    CHECK(offers(dir, {""}) == expected);
    CHECK(offers(dir, {"help", ""}) == expected);
    CHECK(offers(dir, {"tra"}) == Words{"train", "transform"});
    CHECK(offers(dir, {"-"}) == Words{"--help", "--version"});
    CHECK(offers(dir, {"frobnicate", ""}).empty());
  }

  TEST_CASE("completion knows every option of --help, and those that are still open") {
    const Workdir dir;
    for (const std::string& command : cli::commands()) {
      const Words all = offers(dir, {command, "--"});
      const std::string help = dir.nflow({command, "--help"}).out;
      std::size_t listed = 0;
      for (const std::string& line : cli::lines(help)) {
        const std::size_t at = line.find("--");
        if (line.rfind("  ", 0) != 0 || at > 6) continue;
        CHECK_MESSAGE(has(all, line.substr(at, line.find(' ', at) - at)), line);
        ++listed;
      }
      CHECK(all.size() == listed);
    }
    const Words left =
        offers(dir, {"train", "-qo", "m", "--support=a=REAL", "--resume", "c", "--"});
    for (const char* gone :
         {"--quiet", "--output", "--verbose", "--resume", "--resume-if-exists"}) {
      CHECK_FALSE(has(left, gone));
    }
    CHECK(has(left, "--support"));
    CHECK(offers(dir, {"train", "--sched"}) == Words{"--schedule"});
    CHECK(offers(dir, {"train", "--", "--sched"}) == Words{"files"});
    CHECK(has(offers(dir, {"sample", ""}), "--rows"));
  }

  TEST_CASE("completion of a value follows from the name that --help gives it" *
            nflow::testing::kLong) {
    const Workdir& dir = with_table();
    const Words names_of_files{"FILE", "CSV", "MODEL"};
    const Words free{"C",      "N",     "D",       "K",         "T",        "R",
                     "P",      "B",     "F",       "N,N,...",   "DURATION", "SIZE",
                     "TOKENS", "P,...", "LO,HI,N", "EXPRESSION"};
    for (const std::string& command : cli::commands()) {
      for (const std::string& line : cli::lines(dir.nflow({command, "--help"}).out)) {
        const std::size_t at = line.find("--"), end = line.find(' ', at);
        if (line.rfind("  ", 0) != 0 || at > 6 || line[end + 1] == ' ') continue;
        const std::string option = line.substr(at, end - at);
        const std::string value = line.substr(end + 1, line.find(' ', end + 1) - end - 1);
        CAPTURE(line);
        Words words{command, "t.csv", "--delimiter", ";", option, ""};
        if (option == "--delimiter") words = {command, option, ""};
        const Words list = offers(dir, words);
        if (contains(value, "|")) {
          std::string choices;
          for (const std::string& choice : list) choices += (choices.empty() ? "" : "|") + choice;
          CHECK(choices == value);
        } else if (has(names_of_files, value)) {
          CHECK(list == Words{"files"});
        } else if (has(free, value)) {
          CHECK(list.empty());
        } else {
          CHECK_FALSE(list.empty());
        }
      }
    }
    CHECK(offers(dir, {"info", ""}) == Words{"files"});
    CHECK(offers(dir, {"train", "t.csv", "--precision=d"}) == Words{"--precision=double"});
  }

  TEST_CASE("completion knows the columns of the table on the command line") {
    const Workdir& dir = with_table();
    const auto columns = [&](Words words) {
      words.insert(words.begin(), {"train", "t.csv", "--delimiter=;"});
      return offers(dir, words);
    };
    CHECK(columns({"--columns", ""}) == Words{"a", "bb", "b c", "open"});
    CHECK(columns({"--columns", "a,b"}) == Words{"a,bb", "a,b c", "open"});
    CHECK(columns({"--exclude=a,b"}) == Words{"--exclude=a,bb", "--exclude=a,b c", "open"});
    CHECK(columns({"--columns", "a,bb,"}) == Words{"a,bb,b c", "open"});
    CHECK(columns({"--weights", ""}) == Words{"a", "bb", "b c", "d,e"});
    CHECK(columns({"--support", "b"}) == Words{"bb=", "b c=", "open"});
    CHECK(columns({"--support", "a,bb=P"}) == Words{"a,bb=POSITIVE", "open"});
    dir.write("job.conf", "data = t.csv\ndelimiter = ;\n");
    CHECK(offers(dir, {"train", "--config", "job.conf", "--context", "bb"}) == Words{"bb", "open"});
    // What cannot be read has none; a pipe is not opened.
    CHECK(dir.shell("mkfifo pipe").status == 0);
    for (const char* data : {"none.csv", ".", "-", "pipe", "/dev/stdin"}) {
      CHECK(offers(dir, {"train", data, "--columns", ""}) == Words{"open"});
      CHECK(offers(dir, {"train", "--config", data, "--columns", ""}) == Words{"open"});
    }
    dir.shell("rm pipe");
  }

  TEST_CASE("completion knows the flows and their options") {
    const Workdir dir;
    Words names;
    for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
      names.push_back(kind->name);
      Words keys;
      for (const std::string& key : kind->options) keys.push_back(kind->name + ":" + key + "=");
      keys.emplace_back("open");
      CHECK(offers(dir, {"train", "--flow", kind->name + ":"}) == keys);
    }
    names.emplace_back("open");
    CHECK(offers(dir, {"train", "--flow", ""}) == names);
    CHECK(offers(dir, {"train", "--flow", "actnorm,plan"}) == Words{"actnorm,planar", "open"});
    CHECK(offers(dir, {"train", "--flow", "maf:hidden=8,8:net=m"}) ==
          Words{"maf:hidden=8,8:net=mlp", "open"});
    CHECK(offers(dir, {"train", "--flow", "maf:hidden=8,rea"}) ==
          Words{"maf:hidden=8,realnvp", "open"});
    CHECK_FALSE(has(offers(dir, {"train", "--flow", "maf:net=mlp:"}), "maf:net=mlp:net="));
    CHECK(offers(dir, {"train", "--flow", "frob:"}) == Words{"open"});
  }
}
