#include <doctest/doctest.h>

#include <regex>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

/// A project that does nothing but to write its version.
const char* const kProject = R"(cmake_minimum_required(VERSION 3.25)
project(versioned VERSION 0.1.0 LANGUAGES NONE)
include(")" NFLOW_SOURCE_DIR R"(/lib/version.cmake")
file(WRITE "${PROJECT_BINARY_DIR}/version" "${NFLOW_VERSION} ${NFLOW_TIME}")
)";

const char* const kAsNobody =
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=n"
    " GIT_AUTHOR_EMAIL=n@n GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=n@n"
    " GIT_COMMITTER_DATE='2026-01-31T12:00:00Z' && ";

void run(const Workdir& dir, const std::string& command) {
  const Outcome outcome = dir.shell(kAsNobody + command);
  REQUIRE_MESSAGE(outcome.status == 0, command << "\n" << outcome.out << outcome.err);
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("the version tells the commit, and changes with it") {
    const Workdir dir;
    if (dir.shell("git --version").status != 0) {
      MESSAGE("skipped: there is no git (Debian: git)");
      return;
    }
    const auto version = [&](const std::string& expected) {
      const std::string text = dir.read("project/build/version");
      CHECK_MESSAGE(std::regex_match(text, std::regex(expected)), text);
    };
    const auto commit = [&] {
      run(dir, "cd project && git add -A && git commit -qm one --allow-empty");
      run(dir, "ninja -C project/build");  // configures again where that is due
    };
    run(dir, "mkdir project");
    dir.write("project/CMakeLists.txt", kProject);
    dir.write("project/.gitignore", "build\n");

    // A tarball, unpacked in somebody else's git.
    run(dir, "git init -q . && git add -A && git commit -qm theirs && git tag v0.1.0");
    run(dir, "touch -d @1000000000 project/CMakeLists.txt");
    run(dir, "cmake -S project -B project/build -G Ninja");
    version("0\\.1\\.0 1000000000");

    run(dir, "git init -q project");
    commit();
    run(dir, "cmake project/build");
    version("0\\.1\\.0~git20260131\\.[0-9a-f]{9} 1769860800");
    run(dir, "git -C project tag v0.1.0 && cmake project/build");
    version("0\\.1\\.0 1769860800");
    commit();
    version("0\\.1\\.0\\+git20260131\\.[0-9a-f]{9} 1769860800");
    const std::string before = dir.read("project/build/version");
    commit();
    CHECK(dir.read("project/build/version") != before);
    run(dir, "SOURCE_DATE_EPOCH=5 cmake project/build");
    version("0\\.1\\.0\\+git.* 5");
  }
}
