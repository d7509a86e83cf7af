#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "docs/docs.h"
#include "nflow/registry.h"

using cli::contains;
using cli::Outcome;
using cli::Workdir;

namespace {

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

/// What stands between the two, "" where one is missing.
std::string between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return "";
  const std::size_t first = at + before.size();
  const std::size_t end = text.find(after, first);
  return end == std::string::npos ? "" : text.substr(first, end - first);
}

/// "-o, --output FILE (default: standard output)" for each option that --help lists.
std::string help_options(const std::string& help) {
  std::string list;
  for (const std::string& line : cli::lines(help)) {
    const std::size_t name = line.find("--");
    const std::size_t text = line.find("  ", name == std::string::npos ? 0 : name);
    if (!begins(line, "  ") || (name != 2 && name != 6) || text == std::string::npos) continue;
    const std::size_t letter = line.find_first_not_of(' ');
    list += line.substr(letter, text - letter);
    const std::string value = between(line, "(default: ", ")");
    list += (value.empty() ? "" : " (default: " + value + ")") + "\n";
  }
  return list;
}

/// The same for each option that a page lists: ".It Fl o , Fl Fl output Ar FILE", and a default on
/// a line "Default: X."
std::string page_options(const std::string& page) {
  std::string list;
  for (const std::string& line : docs::section(page, "OPTIONS")) {
    if (begins(line, ".It ")) {
      std::istringstream words(line.substr(4));
      std::string option;
      for (std::string word; words >> word;) {
        if (word == "Fl") {
          option += option.empty() || option.back() != '-' ? " -" : "-";
        } else if (word == "Ar") {
          option += " ";
        } else {
          option += word;
        }
      }
      list += option.substr(1) + "\n";
    }
    if (begins(line, "Default: ")) {
      CHECK_MESSAGE(line.back() == '.', line);
      list.pop_back();
      list += " (default: " + line.substr(9, line.size() - 10) + ")\n";
    }
  }
  return list;
}

std::string sorted_lines(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  std::string text;
  for (const std::string& line : list) text += line + "\n";
  return text;
}

/// For each kind of link in nflow-train(1): "nsf-cl: bins tail-bound ...".
std::string page_flows() {
  std::vector<std::string> list;
  bool options_follow = false;
  for (const std::string& line : docs::section(docs::source("man/nflow-train.1"), "FLOWS")) {
    if (line.compare(0, 7, ".It Cm ") == 0) list.push_back(line.substr(7) + ":");
    if (options_follow) {
      std::istringstream words(line.substr(4));  // ".Cm bins , hidden ."
      for (std::string word; words >> word;) {
        if (word != "," && word != ".") list.back() += " " + word;
      }
    }
    options_follow = line == "Options:";
  }
  return sorted_lines(list);
}

std::string registry_flows() {
  std::vector<std::string> list;
  for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
    list.push_back(kind->name + ":");
    for (const std::string& option : kind->options) list.back() += " " + option;
  }
  return sorted_lines(list);
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE(
      "there is a page for nflow, each command, the file format, the changes, and two to begin "
      "with") {
    std::vector<std::string> expected{"nflow.1", "nflow-model.5", "nflow-changes.7",
                                      "nflow-intro.7", "nflow-cookbook.7"};
    for (const std::string& command : cli::commands()) {
      expected.push_back("nflow-" + command + ".1");
    }
    std::sort(expected.begin(), expected.end());
    CHECK(docs::man_pages() == expected);
  }

  TEST_CASE("--help and the man page list the same options with the same defaults") {
    const Workdir dir;
    const Outcome overview = dir.nflow({"--help"});
    CHECK(help_options(overview.out) == page_options(docs::source("man/nflow.1")));
    for (const std::string& command : cli::commands()) {
      CAPTURE(command);
      const Outcome help = dir.nflow({command, "--help"});
      CHECK(help.status == 0);
      const std::string options = help_options(help.out);
      CHECK(contains(options, "--threads N"));
      CHECK(options == page_options(docs::source("man/nflow-" + command + ".1")));
    }
  }

  TEST_CASE("nflow reads the configuration file that nflow(1) shows") {
    std::string file;
    bool inside = false;
    for (const std::string& line : docs::section(docs::source("man/nflow.1"), "DESCRIPTION")) {
      if (begins(line, "# What ")) inside = true;
      if (begins(line, ".Ed")) inside = false;
      if (inside) file += docs::unescaped(line) + "\n";
    }
    const Workdir dir;
    dir.write("job.conf", file);
    const Outcome printed = dir.nflow({"train", "--config", "job.conf", "--print-config"});
    CHECK_MESSAGE(printed.status == 0, printed.err);
    for (const char* line : {"\ndata = power.csv\n", "\nsupport = active_power=POSITIVE\n",
                             "\ntime-limit = 10m\n", "\nquiet = yes\n"}) {
      CHECK_MESSAGE(contains(printed.out, line), line);
    }
  }

  TEST_CASE("nflow-train(1) knows each flow and its options") {
    CHECK(page_flows() == registry_flows());
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
