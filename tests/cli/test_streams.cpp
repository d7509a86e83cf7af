#include <doctest/doctest.h>

#include <csignal>

#include "cli/cli.h"

namespace {

using cli::Conversation;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

std::string sample_command(const std::string& options) {
  return "\"$NFLOW\" sample -m '" + cli::model() + "' " + options;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("a model goes through a pipe") {
    const Workdir dir;
    dir.write("a.csv", cli::table("ab", 100));
    const Outcome result = dir.shell(
        "\"$NFLOW\" train - -o - --flow planar --max-steps 5 < a.csv |"
        " \"$NFLOW\" sample -m - -n 5");
    CHECK(result.status == 0);
    CHECK(cli::lines(result.out).size() == 6);
    CHECK(cli::contains(result.err, "nflow: saved standard output: validation log p = "));
    const Outcome file = dir.shell(
        "\"$NFLOW\" train -o m.nflow --flow planar --max-steps 5 < a.csv && "
        "\"$NFLOW\" train -o - --flow planar --max-steps 5 < a.csv | cmp - m.nflow");
    CHECK(file.status == 0);
  }

  TEST_CASE("a closed pipe ends nflow as it ends cat") {
    const Workdir dir;
    const Outcome head = dir.shell(sample_command("-n 1000000000") + " | head -n 3");
    CHECK(head.status == 0);
    CHECK(head.err.empty());
    CHECK(cli::lines(head.out).size() == 3);
    const Outcome status =
        dir.shell("{ " + sample_command("-n 1000000000") + "; echo $? > status; } | head -n 1");
    CHECK(status.err.empty());
    CHECK(dir.read("status") == std::to_string(128 + SIGPIPE) + "\n");
  }

  TEST_CASE("a full disk is an error") {
    const Workdir dir;
    const Outcome sample = dir.shell(sample_command("-n 100000 > /dev/full"));
    CHECK(sample.status == 1);
    CHECK(cli::is_failure(sample.err, {"standard output", "No space left"}));
    CHECK(dir.shell(sample_command("-n 1 -o /dev/full")).status == 1);
    CHECK(dir.shell("\"$NFLOW\" --help > /dev/full").status == 1);
    CHECK(dir.shell("\"$NFLOW\" info '" + cli::model() + "' > /dev/full").status == 1);
  }

  TEST_CASE("closed standard streams are errors, and nothing lands in another file") {
    const Workdir dir;
    const Outcome out = dir.shell(sample_command("-n 5 >&-"));
    CHECK(out.status == 1);
    CHECK(cli::is_failure(out.err, {"standard output"}));
    CHECK(dir.shell("\"$NFLOW\" logprob -m '" + cli::model() + "' <&-").status == 1);
    CHECK(dir.shell(sample_command("-n 5 2>&-")).status == 0);
  }

  TEST_CASE("an output appears whole or not at all") {
    const Workdir dir;
    dir.write("bad.csv", cli::table("ab", 20000) + "1,x\n");
    dir.write("out.csv", "former");
    const Outcome result = dir.nflow({"logprob", "-m", cli::model(), "bad.csv", "-o", "out.csv"});
    CHECK(result.status == 1);
    CHECK(dir.read("out.csv") == "former");
    CHECK(dir.files() == Words{"bad.csv", "out.csv"});
    const Outcome ended =
        dir.shell(sample_command("-n 100000000 -o out.csv &\nnflow=$!\n") +
                  "n=0; until ls -l /proc/$nflow/fd | grep -q \"$PWD/\" || [ $n = 1000 ]; do\n"
                  "sleep 0.01; n=$((n + 1)); done\nkill -TERM $nflow\nwait $nflow");
    CHECK(ended.status == 128 + SIGTERM);
    CHECK(dir.read("out.csv") == "former");
    CHECK(dir.files() == Words{"bad.csv", "out.csv"});
  }

  TEST_CASE("no folder for temporary files is needed") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 20));
    const cli::Environment environment({{"TMPDIR", dir.path("none")}});
    CHECK(dir.nflow(cli::training({"--max-steps", "2", "--checkpoint", "c"})).status == 0);
    CHECK(dir.nflow({"logprob", "-m", "m.nflow", "t.csv", "-o", "s.csv"}).status == 0);
    CHECK_FALSE(dir.has("none"));
  }

  TEST_CASE("a binary model is never written to a terminal") {
    const Workdir dir;
    dir.write("a.csv", cli::table("ab", 20));
    Conversation nflow(dir, {"train", "a.csv", "-o", "-"}, Conversation::Ends::terminal);
    int status = -1;
    const std::string shown = nflow.finish(status);
    CHECK(status == 2);
    CHECK(cli::contains(shown, "nflow: "));
    CHECK(cli::contains(shown, "-o FILE"));
    CHECK(cli::lines(shown).size() == 1);
  }

  TEST_CASE("a terminal is not waited for where a model is expected") {
    const Workdir dir;
    dir.write("a.csv", "a,b\n0.1,0.2\n");
    for (const Words& words :
         {Words{"info", "-"}, Words{"info", "-m", "-"}, Words{"sample", "-m-", "-n", "1"},
          Words{"logprob", "-m", "-", "a.csv"}, Words{"transform", "-m", "-", "a.csv"}}) {
      Conversation nflow(dir, words, Conversation::Ends::terminal);
      int status = -1;
      CHECK(cli::contains(nflow.finish(status), "nflow: no model: standard input is a terminal"));
      CHECK(status == 2);
    }
  }

  TEST_CASE("who asks for nothing sees the commands, on a terminal") {
    const Workdir dir;
    Conversation nflow(dir, {}, Conversation::Ends::terminal);
    int status = -1;
    const std::string shown = nflow.finish(status);
    CHECK(status == 2);
    CHECK(cli::contains(shown, "\n  transform "));
    CHECK(cli::contains(shown, "nflow: which command?"));
  }

  TEST_CASE("a terminal is not waited for where data is expected") {
    const Workdir dir;
    for (const Words& words :
         {Words{"logprob", "-m", cli::model()}, Words{"transform", "-m", cli::model()},
          Words{"train", "-o", "m.nflow"}}) {
      Conversation nflow(dir, words, Conversation::Ends::terminal);
      int status = -1;
      const std::string shown = nflow.finish(status);
      CHECK(status == 2);
      CHECK(cli::contains(shown, "usage: nflow " + words[0]));
      CHECK(cli::contains(shown, "nflow: no data"));
    }
    CHECK(dir.files().empty());
  }
}
