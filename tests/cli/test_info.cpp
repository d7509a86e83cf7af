#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/cli.h"

TEST_SUITE("cli") {
  TEST_CASE("info describes a model to people") {
    cli::Workdir dir;
    const cli::Outcome result = dir.nflow({"info", cli::conditional_model()});
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    for (const char* part :
         {"columns          2\n", "  a: mean ", "  b: mean ", "context          1\n", "  c: mean ",
          "nsf-cl:", "parameters", "float", "270 rows, 30 more to validate with", "seed 0",
          "validation log p", "format version 1"}) {
      CHECK_MESSAGE(cli::contains(result.out, part), result.out);
    }
    CHECK(dir.nflow({"info", "-m", cli::conditional_model()}).out == result.out);
  }

  TEST_CASE("info --json describes it to programs") {
    cli::Workdir dir;
    const cli::Outcome result = dir.nflow({"info", "--json", cli::conditional_model()});
    CHECK(result.status == 0);
    const nlohmann::json model = nlohmann::json::parse(result.out);
    CHECK(model.at("format_version") == 1);
    CHECK(model.at("columns").size() == 2);
    CHECK(model.at("columns")[0].at("name") == "a");
    CHECK(model.at("columns")[0].at("deviation") > 0);
    CHECK(model.at("context")[0].at("name") == "c");
    CHECK(model.at("precision") == "float");
    CHECK(model.at("parameters") > 0);
    CHECK(model.at("training").at("validation_log_prob").is_number());
    CHECK(model.at("training").at("version").is_string());
  }

  TEST_CASE("info reads a model from a pipe") {
    cli::Workdir dir;
    const cli::Outcome result =
        dir.shell("cat '" + cli::model() + "' | \"$NFLOW\" info - | head -n 1");
    CHECK(result.status == 0);
    CHECK(result.out == "model            standard input (format version 1)\n");
  }
}
