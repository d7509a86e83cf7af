#include <doctest/doctest.h>

#include <filesystem>

#include "docs/docs.h"

using cli::contains;
using cli::Outcome;
using cli::Workdir;

namespace {

namespace fs = std::filesystem;

/// A static library that was built with sanitizers needs them where it is linked.
#if defined(__SANITIZE_ADDRESS__)
const char* const kFlags = "-Wall -Wextra -Werror -fsanitize=address,undefined";
#else
const char* const kFlags = "-Wall -Wextra -Werror";
#endif

void run(const Workdir& dir, const std::string& command) {
  const Outcome outcome = dir.shell(command);
  REQUIRE_MESSAGE(outcome.status == 0, command << "\n" << outcome.out << outcome.err);
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("a project may have nflow in it, and its tests, packages and flags are its own") {
    const Workdir dir;
    dir.write("CMakeLists.txt", R"(cmake_minimum_required(VERSION 3.25)
project(around LANGUAGES CXX)
include(CTest)
add_subdirectory(")" NFLOW_SOURCE_DIR R"(" nflow EXCLUDE_FROM_ALL)
file(WRITE ${CMAKE_BINARY_DIR}/found "$ENV{SOURCE_DATE_EPOCH}${CMAKE_BUILD_TYPE}")
file(WRITE main.cpp "int main() {}\n")
add_executable(around main.cpp)
target_link_libraries(around PRIVATE nflow::nflow)
)");
    run(dir, "unset SOURCE_DATE_EPOCH; cmake -S . -B build -G Ninja");
    CHECK(dir.read("build/found").empty());
    CHECK(!dir.has("build/CPackConfig.cmake"));
    const std::string rules = dir.read("build/build.ninja");
    CHECK(contains(rules, "libnflow.a"));
    CHECK(!contains(rules, "-Werror"));
    CHECK(!contains(rules, "nflow-tests"));
  }

  TEST_CASE("the static command links archives only") {
    const Workdir dir;
    run(dir, "cd '" NFLOW_SOURCE_DIR "' && cmake --preset static -B '" + dir.path("static") + "'");
    run(dir, "ninja -C static -t commands nflow-app | tail -n 1 > link");
    const std::string link = dir.read("link");
    CHECK(contains(link, "-static-pie"));
    CHECK(contains(link, "libnflow.a"));
    CHECK_MESSAGE(!contains(link, ".so"), link);
  }

  TEST_CASE("the preset for users needs nothing of the tests', who take warnings for errors") {
    const Workdir dir;
    for (const std::string preset : {"release", "test"}) {
      run(dir, "cd '" NFLOW_SOURCE_DIR "' && cmake --preset " + preset + " -B '" +
                   dir.path(preset) + "'" +
                   (preset == "release" ? " -DCMAKE_DISABLE_FIND_PACKAGE_doctest=ON" : ""));
      const std::string rules = dir.read(preset + "/build.ninja");
      CHECK(contains(rules, "-Werror") == (preset == "test"));
      CHECK(contains(rules, "nflow-tests") == (preset == "test"));
    }
  }

  TEST_CASE("what is installed is whole, and a program outside builds on it") {
    const Workdir dir;
    const std::string prefix = dir.path("prefix");
    run(dir, "cmake --install '" NFLOW_BINARY_DIR "' --prefix '" + prefix + "'");

    for (const std::string& page : docs::man_pages()) {
      CHECK(dir.read("prefix/share/man/man" + page.substr(page.size() - 1) + "/" + page) ==
            docs::source("man/" + page));
    }
    for (const auto& entry : fs::directory_iterator(NFLOW_SOURCE_DIR "/lib/include/nflow")) {
      CHECK(dir.has("prefix/include/nflow/" + entry.path().filename().string()));
    }
    CHECK(dir.has("prefix/include/nflow/version.h"));
    for (const auto& [place, file] :
         {std::pair("bash-completion/completions/nflow", "nflow.bash"),
          std::pair("zsh/site-functions/_nflow", "_nflow"),
          std::pair("fish/vendor_completions.d/nflow.fish", "nflow.fish")}) {
      CHECK(dir.read(std::string("prefix/share/") + place) ==
            docs::source(std::string("app/completions/") + file));
    }
    const Outcome version = dir.shell("prefix/bin/nflow --version");
    CHECK(version.status == 0);
    CHECK(version.out.rfind("nflow ", 0) == 0);

    // Only what lib/HACKING.md names may be needed to build on the library.
    const Outcome packages =
        dir.shell("cat prefix/lib*/cmake/nflow/*.cmake prefix/lib*/*/cmake/nflow/*.cmake");
    CHECK(contains(packages.out, "Eigen3"));
    for (const char* hidden :
         {"nlohmann", "spdlog", "oost", "andom123", "fccp", "nflow_warnings"}) {
      CHECK_MESSAGE(!contains(packages.out, hidden), hidden);
    }

    run(dir, "cmake -S '" NFLOW_SOURCE_DIR "/tests/outside' -B outside -G Ninja" +
                 (" -DCMAKE_PREFIX_PATH='" + prefix) + "'" +
                 " -DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON"
                 " -DCMAKE_DISABLE_FIND_PACKAGE_spdlog=ON"
                 " -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON"
                 " -DCMAKE_CXX_FLAGS='" +
                 kFlags + "'");
    run(dir, "cmake --build outside");
    const Outcome outside = dir.shell("outside/outside '" + cli::model() + "'");
    CHECK_MESSAGE(outside.status == 0, outside.err);

    // It draws the rows that nflow draws.
    const std::vector<std::string> printed = cli::lines(outside.out);
    const Outcome sample = dir.nflow({"sample", "-m", cli::model(), "-n", "3", "--seed", "1"});
    const std::vector<std::string> rows = cli::lines(sample.out);
    REQUIRE(printed.size() == 3);
    REQUIRE(rows.size() == 4);
    for (std::size_t i = 0; i < printed.size(); ++i) {
      CHECK(contains(printed[i], "log p = "));
      CHECK(std::stod(printed[i]) ==
            doctest::Approx(cli::numbers(rows[i + 1]).at(0)).epsilon(1e-4));
    }
  }
}
