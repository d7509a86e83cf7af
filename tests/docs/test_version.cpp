#include <doctest/doctest.h>

#include "cli/cli.h"
#include "cli/parsing.h"

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
      CHECK_MESSAGE(cli::matches(text, expected), text);
    };
    const auto build = [&] { run(dir, "ninja -C project/build"); };  // configures where that is due
    const auto commit = [&] {
      run(dir, "cd project && git add -A && git commit -qm one --allow-empty");
      build();
    };
    run(dir, "mkdir project");
    dir.write("project/CMakeLists.txt", kProject);
    dir.write("project/.gitignore", "build\n");
    dir.write("project/some file", "1\n");

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
    dir.write("project/some file", "2\n");
    build();
    version("0\\.1\\.0\\+dirty 1769860800");
    commit();
    version("0\\.1\\.0\\+git20260131\\.[0-9a-f]{9} 1769860800");
    const std::string before = dir.read("project/build/version");
    commit();
    CHECK(dir.read("project/build/version") != before);
    dir.write("project/not git's", "1\n");
    build();
    version("0\\.1\\.0\\+git20260131\\.[0-9a-f]{9} 1769860800");
    run(dir, "rm 'project/some file'");
    build();
    version("0\\.1\\.0\\+git20260131\\.[0-9a-f]{9}\\+dirty 1769860800");
    run(dir, "git -C project checkout -q .");
    build();
    version("0\\.1\\.0\\+git20260131\\.[0-9a-f]{9} 1769860800");
    run(dir, "SOURCE_DATE_EPOCH=5 cmake project/build");
    version("0\\.1\\.0\\+git.* 5");
  }

  TEST_CASE("where git refuses or is missing, the version is no release's") {
    const Workdir dir;
    if (dir.shell("git --version").status != 0) {
      MESSAGE("skipped: there is no git (Debian: git)");
      return;
    }
    run(dir, "mkdir project");
    dir.write("project/CMakeLists.txt", kProject);
    const auto version = [&](const std::string& configure) {
      const Outcome outcome =
          dir.shell(kAsNobody + configure + " -S project -B project/build -G Ninja");
      REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
      const std::string text = dir.read("project/build/version");
      const bool unknown = cli::contains(text, "~unknown");
      CHECK(cli::contains(outcome.err, "git does not tell the commit") == unknown);
      return text.substr(0, text.find(' '));
    };
    CHECK(version("cmake") == "0.1.0");
    run(dir, "git init -q project");
    CHECK(version("cmake") == "0.1.0~unknown");  // no commit yet
    run(dir, "cd project && git add CMakeLists.txt && git commit -qm one && git tag v0.1.0");
    CHECK(version("cmake") == "0.1.0");
    CHECK(version("GIT_TEST_ASSUME_DIFFERENT_OWNER=1 cmake") == "0.1.0");
    CHECK(version("cmake -DCMAKE_DISABLE_FIND_PACKAGE_Git=ON") == "0.1.0~unknown");
    CHECK(version("cmake -DCMAKE_DISABLE_FIND_PACKAGE_Git=OFF -DGIT_EXECUTABLE=/bin/false") ==
          "0.1.0~unknown");
    if (dir.shell("dpkg --version").status != 0) return;
    for (const char* order :
         {"0.1.0~git20260131.abc lt 0.1.0~git20260131.abc+dirty",
          "0.1.0~git20260131.abc+dirty lt 0.1.0~unknown", "0.1.0~unknown lt 0.1.0",
          "0.1.0 lt 0.1.0+dirty", "0.1.0+dirty lt 0.1.0+git20260131.abc"}) {
      CHECK_MESSAGE(dir.shell(std::string("dpkg --compare-versions ") + order).status == 0, order);
    }
  }
}
