#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"
#include "nflow/model_file.h"

TEST_SUITE("cli") {
  TEST_CASE("info describes a model to people") {
    cli::Workdir dir;
    const cli::Outcome result = dir.nflow({"info", cli::conditional_model()});
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    for (const char* part :
         {"columns          2\n", "  a: mean ", "  b: mean ", "context          1\n", "  c: mean ",
          "nsf-cl:", "parameters", "float", "270 rows, 30 more to validate with", "seed 0",
          "validation log p", ", range -", "format version 3"}) {
      CHECK_MESSAGE(cli::contains(result.out, part), result.out);
    }
    CHECK(dir.nflow({"info", "-m", cli::conditional_model()}).out == result.out);
  }

  TEST_CASE("info --json describes it to programs") {
    cli::Workdir dir;
    const cli::Outcome result = dir.nflow({"info", "--json", cli::conditional_model()});
    CHECK(result.status == 0);
    const nlohmann::json model = cli::parsed(result.out);
    CHECK(model.at("format_version") == 3);
    CHECK(model.at("context")[0].at("range")[0] < model.at("context")[0].at("range")[1]);
    CHECK(model.at("columns").size() == 2);
    CHECK(model.at("columns")[0].at("name") == "a");
    CHECK(model.at("columns")[0].at("deviation") > 0);
    CHECK(model.at("context")[0].at("name") == "c");
    CHECK(model.at("precision") == "float");
    CHECK(model.at("parameters") > 0);
    CHECK(model.at("training").at("validation_log_prob").is_number());
    CHECK(model.at("training").at("version").is_string());
  }

  TEST_CASE("info and check show a terminal no controls that a column's name holds") {
    cli::Workdir dir;
    const std::string rows = cli::table("ab", 60);
    const std::string red = "\x1b[31mred", two = "two\nlines \u202e\u009b\x7f";
    dir.write("t.csv", red + ",\"" + two + "\"\n" + rows.substr(rows.find('\n') + 1));
    nflow::Model model = nflow::load_model(cli::model());
    model.columns = {red, two};
    nflow::save_model(model, dir.path("m.nflow"));
    const std::string info = dir.nflow({"info", "m.nflow"}).out;
    CHECK(cli::contains(info, "  \\x1b[31mred: mean "));
    CHECK(cli::contains(info, "  two\\nlines \\xe2\\x80\\xae\\xc2\\x9b\\x7f: mean "));
    const std::string check = dir.nflow({"check", "-m", "m.nflow", "t.csv"}).out;
    CHECK(cli::contains(check, "\\x1b[31mred"));
    const std::string json = dir.nflow({"info", "m.nflow", "--json"}).out;
    CHECK(cli::contains(json, "\\u001b[31mred"));
    CHECK(cli::parsed(json).at("columns")[1].at("name") == two);
    const std::string findings = dir.nflow({"check", "-m", "m.nflow", "t.csv", "--json"}).out;
    CHECK(cli::parsed(findings).at("findings").size() > 2);
    const std::string failure = dir.nflow({"info", "no " + two, "--log-format", "json"}).err;
    CHECK(cli::contains(cli::parsed(failure).at("message"), two));
    for (const std::string& text : {info, check, json, findings, failure}) {
      for (const char* raw : {"\x1b", "\u202e", "\u009b", "\x7f"}) CHECK(!cli::contains(text, raw));
    }
    const std::string offered = dir.nflow({"complete", "train", "t.csv", "--columns", ""}).out;
    CHECK(!cli::contains(offered, "red"));
    CHECK(!cli::contains(offered, "two"));
  }

  TEST_CASE("train refuses names of columns with control characters, unless they are left out") {
    cli::Workdir dir;
    const std::string rows = cli::table("abc", 60).substr(6);
    for (const std::string& name : {std::string("\"a\nb\""), std::string("\x1b[31m"),
                                    std::string("\x7f"), std::string("a\u009b")}) {
      dir.write("t.csv", "x," + name + ",y\n" + rows);
      const cli::Outcome refused = dir.nflow(cli::training({}));
      CHECK(refused.status == 1);
      CHECK_MESSAGE(cli::is_failure(refused.err, {"t.csv: the name of column 2, '",
                                                  "has a control character", "--exclude 2"}),
                    refused.err);
      CHECK(dir.nflow(cli::training({"--exclude", "2"})).status == 0);
    }
  }

  TEST_CASE("info says where no step was taken, and counts one as one") {
    cli::Workdir dir;
    dir.write("t.csv", cli::table("ab", 60));
    REQUIRE(
        dir.nflow(cli::training({"--flow", "maf:hidden=1024,1024", "--time-limit", "0.000001s"}))
            .status == 0);
    const std::string cut = dir.nflow({"info", "m.nflow"}).out;
    CHECK(cli::contains(cut, "training         no step, seed 0"));
    CHECK(!cli::contains(cut, "nan"));
    REQUIRE(dir.nflow(cli::training({"--flow", "actnorm", "--max-steps", "1"})).status == 0);
    const std::string one = dir.nflow({"info", "m.nflow"}).out;
    CHECK(cli::contains(one, "flow             1 transform, "));
    CHECK(cli::contains(one, "training         1 epoch, 1 step, seed 0"));
  }

  TEST_CASE("info reads a model from a pipe") {
    cli::Workdir dir;
    const cli::Outcome result =
        dir.shell("cat '" + cli::model() + "' | \"$NFLOW\" info - | head -n 1");
    CHECK(result.status == 0);
    CHECK(result.out == "model            standard input (format version 1)\n");
  }
}
