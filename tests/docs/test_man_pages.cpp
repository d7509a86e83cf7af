#include <doctest/doctest.h>

#include <regex>

#include "docs/docs.h"
#include "nflow/registry.h"

using cli::contains;
using cli::Outcome;
using cli::Workdir;

namespace {

const char* const kCommands[] = {"train", "logprob", "sample", "transform", "info"};

/// "-o, --output FILE (default: standard output)" for each option that --help lists.
std::string help_options(const std::string& help) {
  const std::regex option("  (-., |    )(--[a-z-]+)( [^ ]+)? {2,}(.*)");
  const std::regex fallback(".*\\(default: ([^)]*)\\).*");
  std::string list;
  for (const std::string& line : cli::lines(help)) {
    std::smatch part;
    if (!std::regex_match(line, part, option)) continue;
    list += std::regex_replace(part.str(1), std::regex("^ +"), "") + part.str(2) + part.str(3);
    const std::string text = part.str(4);
    std::smatch value;
    if (std::regex_match(text, value, fallback)) list += " (default: " + value.str(1) + ")";
    list += "\n";
  }
  return list;
}

/// The same for each option that a page lists. A default stands on a line "Default: X."
std::string page_options(const std::string& page) {
  const std::regex option(R"(\.It (?:Fl (.) , )?Fl Fl ([a-z-]+)(?: Ar (\S+))?)");
  const std::regex fallback(R"(Default: (.*)\.)");
  std::string list;
  for (const std::string& line : docs::section(page, "OPTIONS")) {
    std::smatch part;
    if (std::regex_match(line, part, option)) {
      if (part[1].matched) list += "-" + part.str(1) + ", ";
      list += "--" + part.str(2) + (part[3].matched ? " " + part.str(3) : "") + "\n";
    } else if (std::regex_match(line, part, fallback)) {
      list.pop_back();
      list += " (default: " + part.str(1) + ")\n";
    } else {
      CHECK_MESSAGE(line.compare(0, 4, ".It ") != 0, line);
    }
  }
  return list;
}

/// For each kind of link in nflow-train(1): "nsf-cl: bins tail-bound ...".
std::vector<std::string> page_flows() {
  std::vector<std::string> list;
  bool options_follow = false;
  for (const std::string& line : docs::section(docs::source("man/nflow-train.1"), "FLOWS")) {
    if (line.compare(0, 7, ".It Cm ") == 0) list.push_back(line.substr(7) + ":");
    if (options_follow) {
      list.back() += " " + std::regex_replace(line, std::regex("^\\.Cm | ?[,.]"), "");
    }
    options_follow = line == "Options:";
  }
  std::sort(list.begin(), list.end());
  return list;
}

std::vector<std::string> registry_flows() {
  std::vector<std::string> list;
  for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
    list.push_back(kind->name + ":");
    for (const std::string& option : kind->options) list.back() += " " + option;
  }
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("there is a page for nflow, each command and the file format") {
    std::vector<std::string> expected{"nflow.1", "nflow-model.5"};
    for (const char* command : kCommands) {
      expected.push_back("nflow-" + std::string(command) + ".1");
    }
    std::sort(expected.begin(), expected.end());
    CHECK(docs::man_pages() == expected);
  }

  TEST_CASE("--help and the man page list the same options with the same defaults") {
    const Workdir dir;
    const Outcome overview = dir.nflow({"--help"});
    CHECK(help_options(overview.out) == page_options(docs::source("man/nflow.1")));
    for (const char* command : kCommands) {
      CAPTURE(command);
      CHECK(contains(overview.out, "\n  " + std::string(command) + " "));
      const Outcome help = dir.nflow({command, "--help"});
      CHECK(help.status == 0);
      const std::string options = help_options(help.out);
      CHECK(contains(options, "--threads N"));
      CHECK(options == page_options(docs::source("man/nflow-" + std::string(command) + ".1")));
    }
  }

  TEST_CASE("nflow-train(1) and the README know each flow, and the page its options") {
    CHECK(page_flows() == registry_flows());
    const std::string readme = docs::source("README.md");
    for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
      CAPTURE(kind->name);
      CHECK(std::regex_search(readme, std::regex("\n\\|[^|]*`" + kind->name + "`[^|]*\\|")));
    }
  }

  TEST_CASE("the pages have the sections that readers look for, and mandoc finds no fault") {
    const Workdir dir;
    for (const std::string& name : docs::man_pages()) {
      CAPTURE(name);
      const std::string page = docs::source("man/" + name);
      std::vector<std::string> titles{"NAME", "DESCRIPTION", "EXAMPLES", "SEE ALSO"};
      if (name.back() == '1') titles.insert(titles.end(), {"SYNOPSIS", "OPTIONS", "EXIT STATUS"});
      if (name == "nflow-train.1") titles.insert(titles.end(), {"FLOWS", "TRAINING", "LIMITS"});
      for (const std::string& title : titles) CHECK(!docs::section(page, title).empty());
      const Outcome lint =
          dir.shell("mandoc -T lint -W warning '" NFLOW_SOURCE_DIR "/man/" + name + "'");
      CHECK(lint.status == 0);
      CHECK(lint.out == "");
    }
  }
}
