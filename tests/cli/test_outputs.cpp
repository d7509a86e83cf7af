#include <doctest/doctest.h>

#include "cli/cli.h"

namespace {

using cli::contains;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

const std::string kTable = cli::table("ab", 60);

/// A folder with a table, a model, and other names for both.
struct Folder : Workdir {
  Folder() {
    write("t.csv", kTable);
    REQUIRE(shell("cp '" + cli::model() +
                  "' m.nflow; mkdir d; ln -s t.csv link; ln t.csv hard; "
                  "ln -s . loop; ln -s later dangling; ln -s /dev/stdout out")
                .status == 0);
    model = read("m.nflow");
    names = files();
  }

  /// CHECKs that the words are refused before any work, and that nothing is lost.
  void check_refused(const Words& words, const std::string& what,
                     const std::string& advice = "") const {
    CAPTURE(words);
    check_refused(nflow(words), what, advice);
  }

  void check_refused(const Outcome& result, const std::string& what,
                     const std::string& advice = "") const {
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(result.err == "nflow: " + what + " name the same file" + advice + "\n");
    CHECK(read("t.csv") == kTable);
    CHECK(read("m.nflow") == model);
    CHECK(files() == names);
  }

  std::string model;
  Words names;
};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("no output of train is one of its inputs, however it is spelt") {
    const Folder dir;
    const Words train{"train", "t.csv"};
    for (const char* same : {"t.csv", "./t.csv", "d/../t.csv", "link", "hard", "loop/t.csv"}) {
      dir.check_refused(with(train, {"-o", same}), "DATA and --output");
    }
    const Words to_n = with(train, {"-o", "n.nflow"});
    dir.check_refused(with(to_n, {"--history", "./t.csv"}), "DATA and --history");
    dir.check_refused(with(to_n, {"--checkpoint", "link"}), "DATA and --checkpoint");
    dir.check_refused(with(to_n, {"--on-error", "skip", "--rejects", "./t.csv"}),
                      "DATA and --rejects");
    dir.check_refused({"train", "-o", "link", "--validation-file", "t.csv"},
                      "--validation-file and --output");
    dir.check_refused(with(train, {"--resume", "m.nflow", "-o", "loop/m.nflow"}),
                      "--resume and --output");
    dir.check_refused(with(train, {"--resume", "m.nflow", "--checkpoint", "c", "-o", "m.nflow"}),
                      "--resume and --output");
  }

  TEST_CASE("no output is another, whether it is there already or not") {
    const Folder dir;
    const Words train{"train", "t.csv", "-o"};
    dir.check_refused(with(train, {"n.nflow", "--history", "./n.nflow"}), "--output and --history");
    dir.check_refused(with(train, {"x", "--checkpoint", "loop/x"}), "--output and --checkpoint");
    dir.check_refused(with(train, {"x", "--checkpoint", "d/c", "--history", "d//c"}),
                      "--history and --checkpoint");
    dir.check_refused(with(train, {"x", "--on-error", "skip", "--rejects", "d/../x"}),
                      "--output and --rejects");
    dir.check_refused(with(train, {"later", "--history", "dangling"}), "--output and --history");
    dir.check_refused(with(train, {"loop/dangling", "--history", "later"}),
                      "--output and --history");
    // The same name in another folder is another file, and what is no plain file keeps nothing.
    CHECK(dir.nflow(cli::quick(with(train, {"x", "--history", "d/x"}))).status == 0);
    CHECK(dir.nflow(cli::quick(with(train, {"/dev/null", "--history", "/dev/null"}))).status == 0);
    CHECK(
        dir.nflow(cli::quick(with(train, {"y", "--resume-if-exists", "c", "--checkpoint", "./c"})))
            .status == 0);
    CHECK(
        dir.nflow(cli::quick(with(train, {"y", "--resume", "c", "--checkpoint", "./c"}))).status ==
        0);
  }

  TEST_CASE("no command writes over its model, its table or its configuration") {
    const Folder dir;
    for (const Words& words : {Words{"logprob", "t.csv"},
                               {"transform", "t.csv"},
                               {"check", "t.csv"},
                               {"sample", "-n", "1"},
                               {"plot", "t.csv", "--format", "png"}}) {
      dir.check_refused(with(words, {"-m", "m.nflow", "-o", "./m.nflow"}), "--model and --output");
    }
    dir.check_refused({"info", "m.nflow", "-o", "loop/m.nflow"}, "MODEL and --output");
    for (const char* command : {"logprob", "transform", "check", "plot"}) {
      dir.check_refused({command, "-m", "m.nflow", "hard", "-o", "t.csv"}, "DATA and --output");
    }
    dir.check_refused({"sample", "-m", "m.nflow", "-n", "1", "--given", "t.csv", "-o", "link"},
                      "--given and --output");
    dir.write("t.conf", "output = t.conf\n");
    const Outcome result = dir.nflow({"info", "m.nflow", "--config", "./t.conf"});
    CHECK(result.status == 2);
    CHECK(result.err == "nflow: --config and ./t.conf:1: output name the same file\n");
    CHECK(dir.read("t.conf") == "output = t.conf\n");
  }

  TEST_CASE("a table is not written over by what was read from it, and who appends is told how") {
    const Folder dir;
    const std::string advice = "; write another, and mv it over DATA when it is done";
    for (const char* command : {"logprob", "transform"}) {
      const Words words{command, "-m", "m.nflow", "t.csv", "--append", "-o"};
      for (const char* same : {"t.csv", "link", "hard"}) {
        dir.check_refused(with(words, {same}), "DATA and --output", advice);
      }
      for (const Words& more : {Words{"--no-header"}, {"--comment", "#"}, {"--on-error", "skip"}}) {
        dir.check_refused(with(with(words, {"t.csv"}), more), "DATA and --output", advice);
      }
      const std::string run = std::string("\"$NFLOW\" ") + command + " -m m.nflow --append ";
      for (const char* streams : {"-o t.csv < t.csv", "- -o t.csv < t.csv"}) {
        CAPTURE(streams);
        dir.check_refused(dir.shell(run + streams), "DATA and --output", advice);
      }
      dir.check_refused(dir.shell(run + "t.csv >> t.csv"), "DATA and standard output", advice);
    }
  }

  TEST_CASE("standard output takes one output, whatever it is called") {
    const Folder dir;
    for (const char* name : {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "out"}) {
      CAPTURE(name);
      dir.check_refused({"train", "t.csv", "-o", name, "--history", "-"}, "--output and --history");
      dir.check_refused({"train", "t.csv", "-o", "/dev/stdout", "--history", name},
                        "--output and --history");
      const Outcome appended =
          dir.shell(std::string("echo before > s; \"$NFLOW\" sample -m m.nflow -n 1 -o ") + name +
                    " >> s; wc -l < s; rm s");
      CHECK_MESSAGE(appended.out == "3\n", appended.err);
    }
    const Outcome to_file = dir.shell(
        "\"$NFLOW\" train t.csv -o n.nflow --history - > n.nflow; s=$?; rm n.nflow; exit $s");
    dir.check_refused(to_file, "--output and --history");
  }

  TEST_CASE("a history that cannot be written costs no model, and one line says so") {
    const Folder dir;
    const Outcome full =
        dir.nflow(cli::quick({"train", "t.csv", "-o", "n.nflow", "--history", "/dev/full", "-q"}));
    CHECK(full.status == 1);
    CHECK(
        full.err ==
        "nflow: the model is saved, but not the history: cannot write /dev/full: No space left on "
        "device\n");
    CHECK(dir.nflow({"info", "n.nflow"}).status == 0);
  }

  TEST_CASE("an output that may not grow fails like one on a full disk") {
    const Folder dir;
    const Outcome result = dir.shell("ulimit -f 1; \"$NFLOW\" sample -m m.nflow -n 1000 -o s.csv");
    CHECK(result.status == 1);
    CHECK(result.err == "nflow: cannot write s.csv: File too large\n");
    CHECK(dir.files() == dir.names);
  }
}
