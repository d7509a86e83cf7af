#include "docs/docs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace docs {
namespace {

namespace fs = std::filesystem;

bool begins(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

/// Stands before the real nflow. Trainings in the documentation last as long as trainings should;
/// here they are cut short, and where nflow chooses the chain, it is spared the search for the
/// number of components. A failure inside a pipe, which the shell does not tell of, is written
/// down; the end of an nflow whose reader has gone is none, nor that at a time limit, which the
/// machine may reach or not, nor what check finds wrong with a model that was cut short.
const char* const kShortNflow = R"(#!/bin/sh
case "$1 $* " in
  "train "*" --max-steps "* | "train --help "*) ;;
  "train "*" --flow "* | "train "*" --init "*) set -- "$@" --max-steps 5 ;;
  "train "*) set -- "$@" --max-steps 5 --components 4 ;;
esac
"$NFLOW" "$@" 2> messages.$$
status=$?
cat messages.$$ >&2
test "$1" = check && grep -q ': off: ' messages.$$ && status=0
rm messages.$$
for fine in 0 75 141; do test $status = $fine && exit $status; done
echo "$status: nflow $*" >> "$FAILURES"
exit $status
)";

}  // namespace

std::vector<std::string> markdown_pages() {
  return {"README.md", "lib/HACKING.md", "man/pictures/README.md", "tests/bench/README.md"};
}

std::string source(const std::string& path) {
  std::ifstream file(NFLOW_SOURCE_DIR "/" + path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> man_pages() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(NFLOW_SOURCE_DIR "/man")) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".1" || extension == ".5" || extension == ".7")
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> section(const std::string& page, const std::string& title) {
  const std::vector<std::string> lines = cli::lines(page);
  const auto heading = std::find(lines.begin(), lines.end(), ".Sh " + title);
  REQUIRE_MESSAGE(heading != lines.end(), title);
  const auto is_heading = [](const std::string& line) { return begins(line, ".Sh "); };
  return {heading + 1, std::find_if(heading + 1, lines.end(), is_heading)};
}

std::string unescaped(std::string line) {
  const std::vector<std::pair<std::string, std::string>> escapes{
      {"\\e", "\\"}, {"\\-", "-"}, {"\\&", ""}};
  for (std::size_t at = line.find('\\'); at != line.npos; at = line.find('\\', at)) {
    const auto same = [&](const auto& e) { return line.compare(at, 2, e.first) == 0; };
    const auto found = std::find_if(escapes.begin(), escapes.end(), same);
    REQUIRE_MESSAGE(found != escapes.end(), line);
    line.replace(at, 2, found->second);
    at += found->second.size();
  }
  return line;
}

std::vector<std::string> man_examples(const std::string& page) {
  std::vector<std::string> commands;
  bool in_display = false;
  bool in_command = false;
  for (const std::string& line : section(page, "EXAMPLES")) {
    if (begins(line, ".Bd ")) in_display = true;
    if (begins(line, ".Ed")) in_display = in_command = false;
    if (begins(line, ".Dl $ ")) commands.push_back(unescaped(line.substr(6)));
    if (!in_display || begins(line, ".")) continue;
    if (begins(line, "$ ")) {
      commands.push_back(unescaped(line.substr(2)));
      in_command = true;
    } else if (in_command) {
      commands.back() += "\n" + unescaped(line);
    }
  }
  return commands;
}

std::vector<Block> fenced_blocks(const std::string& markdown) {
  std::vector<Block> blocks;
  bool inside = false;
  for (const std::string& line : cli::lines(markdown)) {
    if (begins(line, "```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), ""});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  CHECK(!inside);
  return blocks;
}

Playground::Playground() {
  dir_.write("nflow", kShortNflow);
  const cli::Outcome made = dir_.shell(
      "set -e\n"
      "mkdir bin data\n"
      "mv nflow bin\n"
      "chmod +x bin/nflow\n"
      "for table in '" NFLOW_SOURCE_DIR
      "'/data/*.csv; do ln -s \"$table\" .; ln -s \"$table\" data; done\n");
  REQUIRE_MESSAGE(made.status == 0, made.err);
}

cli::Outcome Playground::run(const std::string& commands) const {
  cli::Outcome outcome = dir_.shell(
      "export NFLOW FAILURES=\"$PWD/failures\" PATH=\"$PWD/bin:$PATH\"\n"
      "rm -f failures\n"
      "set -e\n" +
      commands);
  if (dir_.has("failures")) {
    outcome.err += dir_.read("failures");
    if (outcome.status == 0) outcome.status = 1;
  }
  return outcome;
}

}  // namespace docs
