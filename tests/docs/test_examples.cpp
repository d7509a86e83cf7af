#include <doctest/doctest.h>

#include "docs/docs.h"

using cli::contains;
using cli::Outcome;

namespace {

/// Where the set-up commands of the README are over and nflow is built.
std::string behind_the_build(const std::string& setup) {
  const std::size_t at = setup.find("nflow train ");
  return at == std::string::npos ? "" : setup.substr(at);
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("the examples of the man pages run") {
    for (const std::string& name : docs::man_pages()) {
      const docs::Playground playground;
      const auto examples = docs::man_examples(docs::source("man/" + name));
      CHECK_MESSAGE(!examples.empty(), name);
      std::string script;
      for (const std::string& example : examples) script += example + "\n";
      const Outcome outcome = playground.run(script);
      CHECK_MESSAGE(outcome.status == 0, name << ":\n" << script << outcome.err);
    }
  }

  TEST_CASE("the commands of the pages in Markdown run, one after the other") {
    int commands = 0;
    for (const std::string& page : docs::markdown_pages()) {
      const docs::Playground playground;
      for (const docs::Block& block : docs::fenced_blocks(docs::source(page))) {
        CAPTURE(block.text);
        std::string script;
        if (block.info == "sh") script = block.text;
        if (block.info == "sh setup") script = behind_the_build(block.text);
        if (script.empty()) continue;
        const Outcome outcome = playground.run(script);
        CHECK_MESSAGE(outcome.status == 0, outcome.err);
        ++commands;
      }
    }
    CHECK(commands >= 12);
  }

  TEST_CASE("the README's commands to set up are those of the presets, the package lists and CI") {
    std::vector<std::string> setup;
    for (const docs::Block& block : docs::fenced_blocks(docs::source("README.md"))) {
      if (block.info == "sh setup") setup.push_back(block.text);
    }
    REQUIRE(setup.size() == 3);
    CHECK(contains(setup[0], "apt-get install -y $(cat .packages) &&"));
    CHECK(contains(setup[0], "cmake --workflow --preset release &&"));
    CHECK(contains(setup[0], "nflow logprob"));
    CHECK(contains(setup[0], "nflow sample"));
    CHECK(contains(setup[0], "nflow transform"));
    CHECK(contains(setup[0], "--inverse"));
    CHECK(setup[1] == "cmake --workflow --preset test && cmake --workflow --preset sanitize\n");
    CHECK(contains(setup[2], "$(cat .packages-debian)"));
    CHECK(contains(setup[2], "cmake --workflow --preset static &&"));
    const std::string cluster = docs::source("man/nflow-cookbook.7");
    CHECK(contains(cluster, "\nsudo apt-get install -y libopenmpi-dev openmpi-bin\n"));
    for (const char* package : {"libopenmpi-dev\n", "openmpi-bin\n"}) {
      CHECK(contains(docs::source(".packages-cluster"), package));
    }
    CHECK(contains(cluster, "\ncmake --preset release -B build/mpi -DNFLOW_MPI=ON "));
    CHECK(contains(cluster, "\ncmake --build build/mpi\nmpirun -n 2 build/mpi/nflow train"));
    CHECK(contains(docs::source("CMakeLists.txt"), "option(NFLOW_MPI "));
    const std::string ci = docs::source(".ci/run");
    CHECK(contains(ci, "\ncmake --workflow --preset test\ncmake --workflow --preset sanitize\n"));
  }

  TEST_CASE("HACKING shows a flow as it is in its file") {
    const std::string file = docs::source("lib/src/bijectors/actnorm.cpp");
    int parts = 0;
    for (const docs::Block& block : docs::fenced_blocks(docs::source("lib/HACKING.md"))) {
      if (block.info != "cpp link") continue;
      CHECK_MESSAGE(contains(file, block.text), block.text);
      ++parts;
    }
    CHECK(parts == 2);
  }

  TEST_CASE("the pictures that pages show are there, and are those that they draw") {
    int pictures = 0;
    for (const std::string page : {"README.md", "man/pictures/README.md"}) {
      const std::string text = docs::source(page);
      for (std::size_t at = text.find("\n!["); at != text.npos; at = text.find("\n![", at + 1)) {
        const std::size_t name = text.find("](", at) + 2;
        std::string picture = text.substr(name, text.find(')', name) - name);
        picture = picture.substr(picture.rfind('/') + 1);
        CHECK(docs::source("man/pictures/" + picture).compare(1, 3, "PNG") == 0);
        CHECK_MESSAGE(contains(text, " -o " + picture + "\n"), picture);
        ++pictures;
      }
    }
    CHECK(pictures == 7);
  }

  TEST_CASE("the program in HACKING is tests/outside") {
    std::string program;
    std::string project;
    for (const docs::Block& block : docs::fenced_blocks(docs::source("lib/HACKING.md"))) {
      if (block.info == "cpp") program = block.text;
      if (block.info == "cmake") project = block.text;
    }
    CHECK(program == docs::source("tests/outside/main.cpp"));
    CHECK(project == docs::source("tests/outside/CMakeLists.txt"));
  }
}
