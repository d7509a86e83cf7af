#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "cli/cli.h"
#include "cli/parsing.h"

namespace {

using cli::Conversation;
using cli::Outcome;
using cli::Workdir;

// A training that takes a second or two.
#ifdef __SANITIZE_ADDRESS__
const std::string kSteps = "1500";
#else
const std::string kSteps = "8000";
#endif
const std::string kTrain =
    "\"$NFLOW\" train t.csv -o m.nflow --flow actnorm,maf:hidden=64,64:dropout=0.1 --max-steps " +
    kSteps + " --batch-size 64 --patience 0 ";

std::string without_seconds(const std::string& history) {
  return cli::replaced(history, ",[^,\n]*\n", "\n");
}

/// In the log of a training that was started, once an epoch.
const std::string kEpoch = "\"epoch\":";

struct Job : Workdir {
  Job() { write("t.csv", cli::table("ab", 400)); }
  /// The training, with more options.
  Outcome run(const std::string& options) const { return shell(kTrain + options); }

  /// The same, while we read its log. It is never more than some 25 epochs ahead of us, so however
  /// fast the machine is, what we do meets a training that is not over.
  Conversation start(const std::string& options) const {
    return {*this,
            {"-c", "NFLOW='" NFLOW_BINARY "'\nexec env --default-signal=INT " + kTrain +
                       "-v --log-format json " + options + " 2>&1"},
            Conversation::Ends::short_pipes,
            "/bin/sh"};
  }

  /// Cuts it in the middle and gives the rest of its log.
  std::string cut(const std::string& options, int signal = SIGTERM) const {
    Conversation training = start(options);
    training.receive_until(kEpoch);
    training.signal(signal);
    int status = -1;
    std::string log = training.finish(status);
    REQUIRE_MESSAGE(status == 75, log);
    return log;
  }
};

/// What an uncut training ends with.
struct Whole {
  std::string model, history;
  Whole() {
    const Job job;
    REQUIRE(job.run("--history h.csv").status == 0);
    model = job.read("m.nflow");
    history = without_seconds(job.read("h.csv"));
  }
};

const Whole& whole() {
  static const Whole made;
  return made;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("checkpoints: SIGTERM and SIGINT end with 75, and resumed the bytes are the same") {
    const Job job;
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGXCPU}) {
      CAPTURE(signal);
      const std::string log = job.cut("--history h.csv --resume-if-exists c", signal);
      CHECK(cli::contains(log, "stopped by SIG" + std::string(::sigabbrev_np(signal)) + ", with "));
      CHECK(cli::contains(log, "; go on with --resume c\""));
      CHECK(job.files() == std::vector<std::string>{"c", "h.csv", "m.nflow", "t.csv"});
      CHECK(job.nflow({"info", "m.nflow"}).status == 0);
      CHECK(job.read("m.nflow") != whole().model);
    }
    const Outcome rest = job.run("--history h.csv --resume c --threads 2");
    CHECK(rest.status == 0);
    CHECK(job.read("m.nflow") == whole().model);
    CHECK(without_seconds(job.read("h.csv")) == whole().history);
  }

  TEST_CASE("checkpoints: a time limit ends the process with 75, again and again") {
    const Job job;
    int status = 75, runs = 0;
    for (; status == 75 && runs < 1000; ++runs) {
      Conversation training = job.start("--time-limit 0.3s --resume-if-exists c");
      if (runs < 2) std::this_thread::sleep_for(std::chrono::milliseconds(400));  // it waits for us
      training.finish(status);
    }
    CHECK(status == 0);
    CHECK(runs > 2);
    CHECK(job.read("m.nflow") == whole().model);
    // What is done already is not done again.
    const Outcome again = job.run("--resume c");
    CHECK(again.status == 0);
    CHECK(job.read("m.nflow") == whole().model);
  }

  TEST_CASE("checkpoints: a training goes on with the kernels that it began with") {
    const Job job;
    std::string model;
    {
      const cli::Environment old({{"NFLOW_KERNELS", std::string("baseline")}});
      REQUIRE(job.run("").status == 0);
      model = job.read("m.nflow");
      job.cut("--checkpoint c");
    }
    CHECK(job.run("--resume c").status == 0);
    CHECK(job.read("m.nflow") == model);
  }

  TEST_CASE("checkpoints: the chains that nflow chooses among go on too") {
    const Job job;
    job.write("t.csv", cli::table("abc", 3600));
    const std::string words = "\"$NFLOW\" train t.csv --max-steps 6 -o ";
    REQUIRE(job.shell(words + "whole.nflow").status == 0);
    // However short the limit, each process gets on: with the choice, the start, or a step.
    const Outcome rest = job.shell(
        "n=0; s=75; while [ $s = 75 ] && [ $n -lt 99 ]; do " + words +
        "m.nflow --time-limit 0.001s --resume-if-exists c 2> log; s=$?; n=$((n + 1)); done; "
        "cmp m.nflow whole.nflow && echo $s");
    CHECK(rest.out == "0\n");
  }

  TEST_CASE("checkpoints: kill -9 at any moment leaves one that can be gone on from") {
    const Job job;
    const Outcome result = job.shell(
        "for i in 1 2 3 4 5 6 7 8 9 10; do\n"
        "  timeout -s KILL 0.$((i * 7 % 10 + 1)) " +
        kTrain +
        "--checkpoint-every 0.001s --resume-if-exists c 2>> log\n"
        "done\n" +
        kTrain + "--resume c");
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK(job.read("m.nflow") == whole().model);
  }

  TEST_CASE("checkpoints: SIGUSR1 writes one and goes on, a second SIGINT ends at once") {
    const Job job;
    Conversation training = job.start("--checkpoint c");
    training.receive_until(kEpoch);
    const std::string before = job.read("c");
    training.signal(SIGUSR1);
    for (int epoch = 0; epoch < 50; ++epoch) training.receive_until(kEpoch);
    CHECK(job.read("c") != before);
    int status = -1;
    training.finish(status);
    CHECK(status == 0);
    CHECK(job.read("m.nflow") == whole().model);
    // The step at hand of this one never ends, so nothing but the second signal can.
    job.write("t.csv", cli::table("ab", 50000));
    const Outcome twice = job.shell(
        "env --default-signal=INT \"$NFLOW\" train t.csv -o m.nflow --checkpoint d "
        "--flow maf:hidden=2000,2000 --batch-size 40000 --layers 5 2> log & "
        "n=0; until [ -s d ] || [ $n = 1000 ]; do sleep 0.05; n=$((n + 1)); done; "
        "sleep 1; kill -INT $!; sleep 0.3; kill -INT $!; "
        "wait $!; echo $?");
    CHECK(twice.out == std::to_string(128 + SIGINT) + "\n");
    for (const std::string& file : job.files()) CHECK(file[0] != '.');
  }

  TEST_CASE("checkpoints: one that cannot be written loses no training") {
    const Job job;
    REQUIRE(job.shell("mkdir d").status == 0);
    Conversation training = job.start("--checkpoint d/c");
    training.receive_until(kEpoch);
    REQUIRE(job.shell("rm -r d").status == 0);
    int status = -1;
    const std::string log = training.finish(status);
    CHECK(status == 1);
    CHECK(cli::contains(log, "cannot write d/c: No such file or directory"));
    CHECK(cli::contains(cli::lines(log).back(),
                        "\"the model is saved, but not the last checkpoint: "));
    CHECK(job.read("m.nflow") == whole().model);
  }

  TEST_CASE("checkpoints: a signal ends the wait for whoever reads an output") {
    const Job job;
    REQUIRE(job.shell("mkfifo fifo").status == 0);
    for (const std::string outputs : {"-o fifo --history h", "-o m.nflow --history fifo", "-o -"}) {
      for (const int signal : {SIGTERM, SIGHUP}) {
        CAPTURE(outputs);
        CAPTURE(signal);
        // A model that no pipe takes at once, and a reader of standard output that never reads.
        const std::string train =
            "rm -f c; { \"$NFLOW\" train t.csv " + outputs +
            " --checkpoint c --flow maf:hidden=300,300 --max-steps 5 -q 2> log & echo $! > pid; "
            "wait $!; echo $? > status; } | ";
        const std::string finished =  // the checkpoint holds the model
            "n=0; until grep -aqs model c || [ $n = 600 ]; do sleep 0.05; n=$((n + 1)); done; "
            "kill -" +
            std::to_string(signal) +
            " $(cat pid); n=0; until [ -s status ] || [ $n = 600 ]; do sleep 0.05; n=$((n + 1)); "
            "done; [ -s status ] || kill -9 $(cat pid)";
        const Outcome result = job.shell(train + "{ " + finished + "; }");
        CHECK(result.status == 0);
        CHECK(job.read("status") == "75\n");
        const std::string name = signal == SIGTERM ? "SIGTERM" : "SIGHUP";
        CHECK_MESSAGE(cli::is_failure(job.read("log"), {"stopped by " + name, "--resume c"}),
                      job.read("log"));
        job.shell("rm status");
      }
    }
    // What is done is written by the next process.
    const Outcome rest = job.shell(
        "\"$NFLOW\" train t.csv -o m.nflow --resume-if-exists c --flow maf:hidden=300,300 "
        "--max-steps 5 -q");
    CHECK(rest.status == 0);
    CHECK(job.nflow({"info", "m.nflow"}).status == 0);
    CHECK(job.files() == std::vector<std::string>{"c", "fifo", "log", "m.nflow", "pid", "t.csv"});
  }

  TEST_CASE("checkpoints: two trainings do not share one, and the second is told who has it") {
    const Job job;
    for (const std::string options : {"--checkpoint c", "--resume c"}) {
      Conversation training = job.start(options);
      training.receive_until(kEpoch);
      const std::string model = job.has("m.nflow") ? job.read("m.nflow") : "";
      for (const char* others : {"--checkpoint c", "--resume c", "--resume-if-exists ./c"}) {
        const Outcome second = job.run(others);
        CHECK(second.status == 1);
        CHECK_MESSAGE(
            cli::has_match(second.err, "^nflow: (./)?c: process [0-9]+ keeps the checkpoint"),
            second.err);
      }
      training.signal(SIGTERM);
      int status = -1;
      training.finish(status);
      CHECK(status == 75);
    }
    CHECK(job.run("--resume c").status == 0);
    CHECK(job.read("m.nflow") == whole().model);
    CHECK(job.files() == std::vector<std::string>{"c", "m.nflow", "t.csv"});
  }

  TEST_CASE("checkpoints: they are written and gone on from without memory of their own") {
    const Job job;
    const std::vector<std::string> train{
        "train",        "t.csv", "-o",     "m.nflow",
        "--batch-size", "64",    "--flow", "maf:hidden=1000,1000"};  // 2.1 million parameters
    const auto run = [&](const std::vector<std::string>& more) {
      std::vector<std::string> words = train;
      words.insert(words.end(), more.begin(), more.end());
      return job.nflow(words);
    };
    const Outcome alone = run({"--max-steps", "3"});
    REQUIRE(alone.status == 0);
    const Outcome kept =
        run({"--max-steps", "3", "--checkpoint", "a", "--checkpoint-every", "0.001s"});
    REQUIRE(kept.status == 0);
    CHECK(kept.peak_kb < alone.peak_kb * 11 / 10);
    // Cut when there is a state, not only the first checkpoint.
    std::string words;
    for (const std::string& word : train) words += word + " ";
    const Outcome cut = job.shell(
        "\"$NFLOW\" " + words +
        "--max-steps 1000000 --checkpoint b --checkpoint-every 0.001s & n=0; "
        "until [ 0$(stat -c %s b) -gt 10000000 ] || [ $n = 3000 ]; do sleep 0.05; n=$((n + 1)); "
        "done; kill $!; wait $!");
    REQUIRE(cut.status == 75);
    const Outcome rest = run({"--max-steps", "1000000", "--resume", "b", "--time-limit", "0.5s"});
    CHECK(rest.status == 75);
    CHECK(rest.peak_kb < alone.peak_kb * 11 / 10);
  }

  TEST_CASE("checkpoints: what differs is refused in one line, and nothing is lost") {
    const Job job;
    job.cut("--checkpoint c");
    const std::string model = job.read("m.nflow"), kept = job.read("c");
    const auto refused = [&](const std::string& words, const std::vector<std::string>& parts) {
      const Outcome result = job.run("-q " + words);
      CHECK(result.status == 1);
      CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
      CHECK(job.read("m.nflow") == model);
      CHECK(job.read("c") == kept);
    };
    refused("--resume c --seed 5", {"c: ", "--seed 0, where", "5"});
    refused("--resume c --validation-fraction 0.5",
            {"c: ", "--validation-fraction default, where", "0.5"});
    refused("--resume c --validation-file t.csv",
            {"c: ", "--validation-file none, where", "t.csv"});
    refused("--resume c --weight-decay 0.5", {"c: ", "--weight-decay 0, where", "0.5"});
    refused("--resume c --columns b", {"c: ", "columns a,b, where", "b"});
    job.write("t.csv", cli::table("ab", 401));
    refused("--resume c --seed 0", {"c: ", "other rows"});
    job.write("t.csv", cli::table("ab", 400));
    refused("--resume missing", {"missing", "No such file"});
    refused("--resume t.csv", {"t.csv: not an nflow checkpoint"});
    job.write("old", "nflow checkpoint 1 " + std::string(1000, '0'));
    refused("--resume old", {"old: the checkpoint is of another version of nflow"});
    refused("--resume /dev/null", {"/dev/null: not an nflow checkpoint"});
    job.write("other.nflow", model);
    refused("--checkpoint e --resume other.nflow", {"other.nflow: not an nflow checkpoint"});
    refused("--checkpoint nowhere/c", {"cannot write nowhere/c", "No such file"});
    refused("--resume-if-exists t.csv/c --checkpoint e", {"cannot open t.csv/c: Not a directory"});
    CHECK(!job.has("e"));
    job.write("d", kept.substr(0, kept.size() / 2));
    refused("--resume d", {"d: the checkpoint is cut short or damaged"});
    for (std::size_t at = 0; at < kept.size(); at += 1 + kept.size() / 50) {
      std::string damaged = kept;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      job.write("d", damaged);
      refused("--resume d", {"d: "});
    }
  }

  TEST_CASE("checkpoints: a start that was kept is fitted once more after a resume too") {
    const Job job;
    const std::string train =
        "\"$NFLOW\" train t.csv --flow mixture:components=1,maf:hidden=4 --max-steps 20 ";
    const std::string line =
        "nflow: the model is fitted once more, to the rows to validate with too\n";
    const Outcome plain = job.shell(train + "-o plain.nflow");
    CHECK_MESSAGE(cli::contains(plain.err, line), plain.err);
    const Outcome first = job.shell(train + "-o first.nflow --checkpoint c");
    CHECK_MESSAGE(first.status == 0, first.err);
    const Outcome resumed = job.shell(train + "-o resumed.nflow --resume c");
    CHECK_MESSAGE(cli::contains(resumed.err, line), resumed.err);
    CHECK(job.read("first.nflow") == job.read("plain.nflow"));
    CHECK(job.read("resumed.nflow") == job.read("plain.nflow"));
    const Outcome apart = job.shell(train + "-o apart.nflow --validation-fraction 0.1");
    CHECK_FALSE_MESSAGE(cli::contains(apart.err, line), apart.err);
  }

  TEST_CASE("checkpoints: the same rows may come from another file") {
    const Job job;
    job.cut("--checkpoint c");
    const Outcome rest = job.shell("mv t.csv u.csv; " + cli::replaced(kTrain, "t.csv", "u.csv") +
                                   "--validation-fraction 0.1 --resume c");
    CHECK_MESSAGE(rest.status == 0, rest.err);
    CHECK(job.read("m.nflow") == whole().model);
  }

  TEST_CASE("checkpoints: a program that reads the log finds the status") {
    const Job job;
    const Outcome cut = job.run("--checkpoint c --time-limit 0.3s --log-format json");
    CHECK(cut.status == 75);
    const std::string last = cli::lines(cut.err).back();
    CHECK_MESSAGE(cli::contains(last, "\"message\":\"stopped by the time limit"), last);
    CHECK_MESSAGE(cli::contains(last, "\"status\":75"), last);
  }

  TEST_CASE("checkpoints: options that make no sense together") {
    const Job job;
    for (const char* words :
         {"--checkpoint-every 1s", "--checkpoint m.nflow", "--checkpoint -", "--resume -",
          "--resume a --resume-if-exists b", "--checkpoint h --history h", "--checkpoint /dev/null",
          "--checkpoint fifo", "--checkpoint /dev/stdout",
          "--resume-if-exists c --checkpoint fifo"}) {
      CAPTURE(words);
      const Outcome refused = job.shell("mkfifo fifo 2> mkfifo.err\n" + kTrain + words);
      CHECK(refused.status == 2);
      CHECK_MESSAGE(cli::is_failure(refused.err, {}), refused.err);
    }
    const Outcome pipe = job.run("--resume fifo");
    CHECK(pipe.status == 1);
    CHECK(pipe.err == "nflow: fifo: not an nflow checkpoint, which is a regular file\n");
  }
}
