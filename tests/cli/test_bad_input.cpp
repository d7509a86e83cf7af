#include <doctest/doctest.h>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// CHECKs that each command that reads a table refuses `text`, naming `parts`, and leaves nothing.
void check_bad_table(const std::string& text, const Words& parts) {
  const Workdir dir;
  CAPTURE(text);
  dir.write("bad.csv", text);
  for (const Words& words : {Words{"train", "bad.csv", "--infer", "no", "-o", "out"},
                             Words{"logprob", "-m", cli::model(), "bad.csv", "-o", "out"},
                             Words{"transform", "-m", cli::model(), "bad.csv", "-o", "out"}}) {
    const Outcome result = dir.nflow(words);
    CHECK(result.status == 1);
    CHECK(result.out.empty());
    CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
    CHECK(dir.files() == Words{"bad.csv"});
  }
}

/// CHECKs that each command that reads a model refuses the file bad.nflow.
void check_bad_model(const Workdir& dir, const Words& parts) {
  dir.write("a.csv", "a,b\n0.1,0.2\n");
  for (const Words& words :
       {Words{"info", "bad.nflow"}, Words{"sample", "-m", "bad.nflow", "-n", "2"},
        Words{"logprob", "-m", "bad.nflow", "a.csv"},
        Words{"transform", "-m", "bad.nflow", "a.csv"}}) {
    const Outcome result = dir.nflow(words);
    CHECK(result.status == 1);
    CHECK(result.out.empty());
    CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
  }
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("tables with a bad field are refused by line and column") {
    check_bad_table("", {"bad.csv", "empty"});
    check_bad_table("a,b\n1,2\n1,x\n3,4\n", {"bad.csv:3", "column 2", "b", "x"});
    check_bad_table("a,b\n1,2\n12abc,3\n3,4\n", {"bad.csv:3", "column 1", "a", "12abc"});
    check_bad_table("a,b\n1,2\n,3\n3,4\n", {"bad.csv:3", "column 1", "a"});
    check_bad_table("a,b\n1,2\n2,NA\n3,4\n", {"bad.csv:3", "column 2", "b"});
    check_bad_table("a,b\n1,2\nNaN,3\n3,4\n", {"bad.csv:3", "column 1", "a"});
    check_bad_table("a,b\n1,2\n2,-inf\n3,4\n", {"bad.csv:3", "column 2", "b"});
    check_bad_table("a,b\n1,2\n2\n3,4\n", {"bad.csv:3"});
    check_bad_table("a,b\n1,2\n2,3,4\n3,4\n", {"bad.csv:3"});
    check_bad_table("a,b\n1,2\n2,\"3\n3,4\n", {"bad.csv:3"});
  }

  TEST_CASE("a name with a control character is refused before the table is read") {
    const Workdir dir;
    dir.write("bell.csv", "a,b\x07\n1,2\n2,x\n");
    const Outcome result = dir.nflow({"train", "bell.csv", "-o", "m.nflow"});
    CHECK(result.status == 1);
    CHECK_MESSAGE(cli::is_failure(result.err, {"bell.csv: the name of column 2, 'b\\x07', has a "
                                               "control character"}),
                  result.err);
  }

  TEST_CASE("lines are counted as an editor counts them") {
    const Workdir dir;
    const Outcome result = dir.nflow({"logprob", "-m", cli::model()},
                                     "a,note,b\r\n0,\"two\r\nlines\",0\r\n\r\n0,,x\r\n");
    CHECK(result.status == 1);
    CHECK(cli::is_failure(result.err, {"standard input:5", "column 3 (b)", "'x'"}));
    CHECK(cli::lines(result.out).size() == 2);
  }

  TEST_CASE("files that are not there are refused by name") {
    const Workdir dir;
    for (const Words& words :
         {Words{"train", "none.csv", "-o", "m.nflow"},
          Words{"logprob", "-m", cli::model(), "none.csv"},
          Words{"transform", "-m", cli::model(), "none.csv"},
          Words{"sample", "-m", cli::conditional_model(), "-n", "1", "--given", "none.csv"},
          Words{"sample", "-m", "none.csv", "-n", "1"}, Words{"info", "none.csv"}}) {
      const Outcome result = dir.nflow(words);
      CHECK(result.status == 1);
      CHECK(result.out.empty());
      CHECK_MESSAGE(cli::is_failure(result.err, {"none.csv", "No such file"}), result.err);
      CHECK(dir.files().empty());
    }
    const Outcome folder = dir.nflow({"train", ".", "-o", "m.nflow"});
    CHECK(folder.status == 1);
    CHECK(cli::is_failure(folder.err, {}));
  }

  TEST_CASE("files that are no models are refused") {
    const Workdir dir;
    dir.write("bad.nflow", "");
    check_bad_model(dir, {"bad.nflow"});
    dir.write("bad.nflow", cli::table("ab", 500));
    check_bad_model(dir, {"bad.nflow"});
    dir.write("bad.nflow", std::string("\x40\0\0\0\0\0\0\0", 8) + "{}" + std::string(62, ' '));
    check_bad_model(dir, {"bad.nflow"});
  }

  TEST_CASE("truncated and altered models are refused") {
    const Workdir dir;
    dir.shell("cp '" + cli::model() + "' good.nflow");
    const std::string good = dir.read("good.nflow");
    REQUIRE(good.size() > 1000);
    for (const std::size_t size :
         {std::size_t{7}, std::size_t{100}, good.size() / 2, good.size() - 1}) {
      dir.write("bad.nflow", good.substr(0, size));
      check_bad_model(dir, {"bad.nflow"});
    }
    for (const std::size_t place :
         {std::size_t{0}, std::size_t{50}, good.size() / 2, good.size() - 1}) {
      std::string altered = good;
      altered[place] = static_cast<char>(altered[place] ^ 1);
      dir.write("bad.nflow", altered);
      check_bad_model(dir, {"bad.nflow"});
    }
    dir.write("bad.nflow", good + "x");
    check_bad_model(dir, {"bad.nflow"});
  }
}
