#include <doctest/doctest.h>

#include <algorithm>

#include "cli/parsing.h"
#include "cli/trained.h"
#include "nflow/registry.h"
#include "sanitized.h"

namespace {

using cli::info;
using cli::Outcome;
using cli::train;
using cli::Workdir;

using Words = std::vector<std::string>;

bool is_number(const std::string& text) { return cli::matches(text, "-?[0-9]+(\\.[0-9]+)?"); }

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train saves a model and its last line says so") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 200));
    const Outcome result = train(dir, {"a.csv", "-o", "m.nflow", "--epochs", "3"});
    CHECK(result.status == 0);
    CHECK(result.out.empty());
    CHECK(dir.files() == Words{"a.csv", "m.nflow"});
    const std::string last =
        "nflow: saved m\\.nflow: validation log p = (\\S+) nats/row "
        "\\(2 columns, 200 rows, 3 epochs, (\\S+) s\\)";
    const std::string line = cli::lines(result.err).back();
    const Words found = cli::groups(line, last);
    REQUIRE_MESSAGE(!found.empty(), line);
    CHECK(is_number(found[1]));
    CHECK(is_number(found[2]));
    const nlohmann::json record = info(dir).at("training");
    CHECK(record.at("rows") == 180);
    CHECK(record.at("validation_rows") == 20);
    CHECK(record.at("epochs") == 3);
    CHECK(record.at("seed") == 0);
  }

  TEST_CASE("train --quiet is silent, --verbose tells of each epoch") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 200));
    const Outcome quiet = train(dir, {"a.csv", "-o", "m.nflow", "-q"});
    CHECK(quiet.status == 0);
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
    const Outcome verbose = train(dir, {"a.csv", "-o", "m.nflow", "--verbose", "--epochs", "2"});
    CHECK(cli::contains(verbose.err, "nflow: epoch 1, "));
    CHECK(cli::contains(verbose.err, "nflow: epoch 2, "));
  }

  TEST_CASE("train says which flow it chose") {
    Workdir dir;
    for (const int rows : {100, 300}) {
      dir.write("a.csv", cli::table("ab", rows));
      const Outcome result =
          dir.nflow({"train", "a.csv", "-o", "m.nflow", "--max-steps", "1", "--hidden", "8"});
      CHECK(result.status == 0);
      CHECK(cli::contains(result.err, "chose the flow mixture:components="));
      CHECK(info(dir).at("flow").size() == (rows < 200 ? 1 : 5));
    }
  }

  TEST_CASE("train says that it chose a neural mixture for one column given others" *
            nflow::testing::kLong) {
    Workdir dir;
    const auto chosen = [&](int rows, const Words& more) {
      dir.write("a.csv", cli::table("abc", rows));
      Words words{"train", "a.csv", "-o", "m.nflow", "--max-steps", "1", "--context", "b"};
      words.insert(words.end(), more.begin(), more.end());
      const Outcome result = dir.nflow(words);
      REQUIRE_MESSAGE(result.status == 0, result.err);
      return cli::contains(result.err, "chose the flow neural-mixture:components=");
    };
    CHECK(chosen(300, {"--columns", "a"}));
    CHECK(chosen(300, {"--columns", "a", "--hidden", "8", "--components", "2"}));
    CHECK(cli::contains(info(dir).at("flow").at(0), "components=2:fits=4:fixed=yes:hidden=8:"));
    CHECK_FALSE(chosen(300, {}));                                 // two columns
    CHECK_FALSE(chosen(300, {"--columns", "a", "--bins", "4"}));  // splines are wished for
    CHECK_FALSE(chosen(300, {"--columns", "a", "--layers", "1"}));
    CHECK_FALSE(chosen(100, {"--columns", "a"}));  // too few rows for nets
  }

  TEST_CASE("every transform can be trained, evaluated and sampled") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 100));
    for (const nflow::FlowKind* kind : nflow::flow_kinds()) {
      CAPTURE(kind->name);
      const bool has_net =
          std::find(kind->options.begin(), kind->options.end(), "hidden") != kind->options.end();
      const std::string flow = kind->name + (has_net ? ":hidden=8" : "");
      const Outcome trained =
          train(dir, {"a.csv", "-o", "m.nflow", "--flow", flow, "--max-steps", "4"});
      REQUIRE_MESSAGE(trained.status == 0, trained.err);
      const Outcome scored = dir.nflow({"logprob", "-m", "m.nflow", "a.csv"});
      CHECK(scored.status == 0);
      CHECK(cli::lines(scored.out).size() == 101);
      const Outcome drawn = dir.nflow({"sample", "-m", "m.nflow", "-n", "10"});
      CHECK(drawn.status == 0);
      CHECK(cli::lines(drawn.out).size() == 11);
    }
  }

  TEST_CASE("train --layers repeats the block, and the defaults reach every transform") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 100));
    const Outcome result =
        train(dir, {"a.csv",        "-o",    "m.nflow",      "--flow",      "realnvp,nsf-cl",
                    "--layers",     "2",     "--hidden",     "4,4",         "--bins=5",
                    "--tail-bound", "4",     "--activation", "tanh",        "--dropout",
                    "0.1",          "--net", "mlp",          "--precision", "double"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const nlohmann::json model = info(dir);
    CHECK(model.at("precision") == "double");
    REQUIRE(model.at("flow").size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::string link = model.at("flow")[i];
      CAPTURE(link);
      CHECK(link.rfind(i % 2 == 0 ? "realnvp" : "nsf-cl", 0) == 0);
      for (const char* part : {"hidden=4,4", "activation=tanh", "net=mlp", "dropout=0.1"}) {
        CHECK(cli::contains(link, part));
      }
      CHECK(cli::contains(link, "bins=5") == (i % 2 == 1));
    }
  }

  TEST_CASE("train takes the training options") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 200));
    const Outcome result = train(dir, {"a.csv",
                                       "-o",
                                       "m.nflow",
                                       "--epochs",
                                       "4",
                                       "--max-steps",
                                       "6",
                                       "--time-limit",
                                       "1h30m",
                                       "--batch-size",
                                       "50",
                                       "--learning-rate",
                                       "0.01",
                                       "--schedule",
                                       "constant",
                                       "--weight-decay",
                                       "1e-4",
                                       "--noise",
                                       "0.05",
                                       "--clip-norm",
                                       "1",
                                       "--patience",
                                       "3",
                                       "--validation-fraction",
                                       "0.2",
                                       "--seed",
                                       "18446744073709551615"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const nlohmann::json record = info(dir).at("training");
    CHECK(record.at("steps") == 6);
    CHECK(record.at("rows") == 160);
    CHECK(record.at("validation_rows") == 40);
    CHECK(record.at("seed") == 18446744073709551615u);
  }

  TEST_CASE("train --history writes a line an epoch") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 100));
    const Outcome result =
        train(dir, {"a.csv", "-o", "m.nflow", "--history", "h.csv", "--epochs", "3"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const Words history = cli::lines(dir.read("h.csv"));
    REQUIRE(history.size() == 4);
    CHECK(history[0] == "epoch,step,train,validation,learning_rate,seconds");
    for (std::size_t i = 1; i < 4; ++i) {
      const std::vector<double> values = cli::numbers(history[i]);
      REQUIRE(values.size() == 6);
      CHECK(values[0] == static_cast<double>(i));
    }
    CHECK(dir.files() == Words{"a.csv", "h.csv", "m.nflow"});
  }

  TEST_CASE("train gives the same bytes for the same seed and any number of threads") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 300));
    const auto bytes = [&](Words words) {
      words.insert(words.end(), {"a.csv", "-o", "m.nflow"});
      const Outcome result = train(dir, words);
      CHECK_MESSAGE(result.status == 0, result.err);
      return dir.read("m.nflow");
    };
    const std::string one = bytes({"--threads", "1"});
    CHECK(one == bytes({"--threads", "2"}));
    CHECK(one == bytes({"--threads", "3"}));
    CHECK(one == bytes({"--seed", "0"}));
    CHECK(one != bytes({"--seed", "1"}));
  }

  TEST_CASE("train says so where no epoch was better than the start") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 300));
    const Outcome result =
        dir.nflow({"train", "a.csv", "-o", "m.nflow", "--flow", "mixture:components=2,maf:hidden=8",
                   "--learning-rate", "1000", "--epochs", "3", "--history", "h.csv", "-v"});
    CHECK(result.status == 0);
    CHECK(cli::contains(result.err,
                        "nflow: the networks found nothing that a mixture of 2 does not know: the "
                        "model is that alone\n"));
    const Outcome fine =
        train(dir, {"a.csv", "-o", "m.nflow", "--flow", "actnorm", "--epochs", "3"});
    CHECK_FALSE(cli::contains(fine.err, "found nothing"));
    CHECK_FALSE(cli::contains(fine.err, "no step"));
  }

  TEST_CASE("a log that nobody reads any more does not end a training") {
    Workdir dir;
    dir.write("a.csv", cli::table("ab", 300));
    const Outcome result = dir.shell(
        "{ \"$NFLOW\" train a.csv -o m.nflow --flow maf:hidden=8 --epochs 300 --patience 0 -v; "
        "echo $? > status; } 2>&1 | head -1");
    CHECK(cli::lines(result.out).size() == 1);
    CHECK(dir.read("status") == "0\n");
    CHECK(dir.has("m.nflow"));
  }

#ifndef __SANITIZE_ADDRESS__  // it takes more address space than any limit leaves
  TEST_CASE("threads that cannot be started are an error") {
    Workdir dir;
    dir.write("t.csv", cli::table("ab", 140000));  // that there is work for 984
    const Outcome result = dir.shell(
        "ulimit -v 1500000; timeout 60 \"$NFLOW\" train t.csv -o m.nflow --flow actnorm "
        "--max-steps 5 --threads 1024 --validation-fraction 0.9 --quiet");
    CHECK(result.status == 1);
    CHECK_MESSAGE(cli::is_failure(result.err, {"cannot start 985 threads"}), result.err);
    CHECK_FALSE(dir.has("m.nflow"));
  }

  TEST_CASE("threads that have no work take no memory") {
    Workdir dir;
    dir.write("t.csv", cli::table("ab", 1000));
    const auto peak_mb = [&](const std::vector<std::string>& words) {
      const Outcome result = dir.nflow(words);
      CHECK_MESSAGE(result.status == 0, result.err);
      return result.peak_kb / 1024;
    };
    std::vector<std::string> train{"train",       "t.csv",  "-o",
                                   "m.nflow",     "--flow", "nsf-ar:hidden=256,256",
                                   "--max-steps", "3",      "--threads"};
    std::vector<std::string> score{"logprob", "-m", "m.nflow", "t.csv", "--threads"};
    for (std::vector<std::string>* words : {&train, &score}) {
      words->emplace_back("16");
      const long few = peak_mb(*words);
      words->back() = "1024";
      CHECK(peak_mb(*words) < few + 32);
    }
  }
#endif

  TEST_CASE("train looks at its output before it works") {
    Workdir dir;
    dir.write("bad.csv", "a,b\n1,x\n");
    for (const char* target : {"no-such-folder/m.nflow", "/dev/null/m.nflow"}) {
      const Outcome result = train(dir, {"bad.csv", "-o", target});
      CHECK(result.status == 1);
      CHECK_MESSAGE(cli::is_failure(result.err, {target}), result.err);
    }
    const Outcome history =
        train(dir, {"bad.csv", "-o", "m.nflow", "--history", "no-such-folder/h.csv"});
    CHECK(history.status == 1);
    CHECK(cli::is_failure(history.err, {"no-such-folder/h.csv"}));
    CHECK(dir.files() == Words{"bad.csv"});
  }

  TEST_CASE("a training that fails leaves a former model as it was") {
    Workdir dir;
    dir.write("bad.csv", "a,b\n1,2\n3,x\n");
    dir.write("m.nflow", "former");
    CHECK(train(dir, {"bad.csv", "-o", "m.nflow"}).status == 1);
    CHECK(dir.read("m.nflow") == "former");
    CHECK(dir.files() == Words{"bad.csv", "m.nflow"});
  }

  TEST_CASE("a small stack is enough, and none is an error" * nflow::testing::kLong) {
    Workdir dir;
    dir.write("t.csv", cli::table("ab", 300));
    REQUIRE(dir.shell("mkfifo fifo").status == 0);
    for (const char* limit : {"64", "128", "1024"}) {
      CAPTURE(limit);
      const std::string set = std::string("ulimit -s ") + limit + "; ";
      const std::string train = "\"$NFLOW\" train t.csv -q --max-steps 5 --threads 2 -o ";
      REQUIRE(dir.shell(train + "usual.nflow").status == 0);
      const Outcome trained = dir.shell(set + train + "m.nflow");
      CHECK_MESSAGE(trained.status == 0, trained.err);
      CHECK(dir.read("m.nflow") == dir.read("usual.nflow"));
      CHECK(dir.shell(set + "\"$NFLOW\" logprob -m m.nflow t.csv --threads 2").status == 0);
      CHECK(dir.shell(set + "\"$NFLOW\" sample -m m.nflow -n 9 | head -1").status == 0);
      const Outcome ended = dir.shell(  // while it waits for a writer
          set + "\"$NFLOW\" logprob -m m.nflow fifo & kill -TERM $!; wait $!; echo $?");
      CHECK(ended.out == "143\n");
    }
  }
}
