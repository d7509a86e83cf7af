#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

#include "cli/cli.h"
#include "io/model_file_pieces.h"

// Files that claim more than they have, and long texts: neither takes memory or time, nor comes
// back in a message.

namespace {

using cli::Outcome;
using cli::Workdir;

constexpr long kClaimedKb = 3'000'000;

/// The header of a model, whose file claims to have `size` bytes, 16 digits.
std::string head_that_claims(const Workdir& dir, const std::string& size) {
  REQUIRE(dir.shell("cp '" + cli::model() + "' whole").status == 0);
  std::string head = dir.read("whole");
  std::uint64_t length = 0;
  std::memcpy(&length, head.data(), sizeof length);
  return head.substr(0, 8 + length).replace(78, 16, size);
}

/// A checkpoint with a right digest of what is behind its line.
std::string checkpoint_of(const std::string& rest) {
  return "nflow checkpoint 2 " + model_file::digest(rest) + "\n" + rest;
}

/// The end of messages: one line, and no long one.
void check_short_failure(const Outcome& result, const std::vector<std::string>& parts) {
  CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err.substr(0, 2000));
  CHECK(result.err.size() < 2000);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("claims: a model takes memory for what it has, not for what it says") {
    const Workdir dir;
    dir.write("m.nflow", head_that_claims(dir, "0000003000000000"));
    const Outcome sparse =
        dir.shell("truncate -s 3000000000 m.nflow && exec \"$NFLOW\" info m.nflow");
    CHECK(sparse.status == 1);
    check_short_failure(sparse,
                        {"m.nflow: not a valid model: it has data that belong to no tensor"});
    CHECK(sparse.peak_kb < kClaimedKb / 4);

    dir.write("head", head_that_claims(dir, "9999999999999999"));
    const Outcome piped = dir.shell(
        "mkfifo p; (cat head; head -c 3000000000 /dev/zero) > p 2> /dev/null & \"$NFLOW\" info - < "
        "p");
    CHECK(piped.status == 1);
    check_short_failure(piped, {"standard input: not a valid model"});
    CHECK(piped.peak_kb < kClaimedKb / 4);
  }

  TEST_CASE("claims: a checkpoint with a right digest and a bad flow is a bad file") {
    const Workdir dir;
    dir.write("t.csv", cli::table("ab", 400));
    const std::string train =
        "\"$NFLOW\" train t.csv -q -o m.nflow --flow actnorm,maf:hidden=8 --patience 0 "
        "--max-steps 10000000 --time-limit 0.3s ";
    REQUIRE(dir.shell(train + "--checkpoint c").status == 75);
    const std::string kept = dir.read("c").substr(36);
    const auto refused = [&](const std::string& from, const std::string& to,
                             const std::string& why) {
      CAPTURE(to);
      std::string changed = kept;
      const std::size_t place = changed.find(from, changed.find("flows"));
      REQUIRE(place != changed.npos);
      dir.write("c", checkpoint_of(changed.replace(place, from.size(), to)));
      const Outcome result = dir.shell(train + "--resume c");
      CHECK(result.status == 1);
      check_short_failure(result, {"c: " + why});
    };
    refused("actnorm", "actnork", "not a valid checkpoint: unknown flow 'actnork'");
    refused("actnorm", "nsf-ar,", "not a valid checkpoint: ");
    refused("hidden=8", "hidden=9", "the state of the training does not fit its flow");

    // Lists in lists: a parser that calls itself for each runs out of stack.
    const std::uint64_t depth = 3'000'000;
    std::string head(sizeof depth, '\0');
    std::memcpy(head.data(), &depth, sizeof depth);
    dir.write("c", checkpoint_of(head + std::string(depth, '\x81')));
    const Outcome deep = dir.shell(train + "--resume c");
    CHECK(deep.status == 1);
    check_short_failure(deep, {"c: not a valid checkpoint"});
  }

  TEST_CASE("claims: long names, values and settings do not come back in messages") {
    const Workdir dir;
    const std::string text(900'000, 'x');
    dir.write("t.csv", text + ",b\n1,2\n3,4\n1,2,3\n");
    check_short_failure(dir.nflow(cli::training({})), {"t.csv:4: 3 fields"});
    dir.write("t.csv", "a,b\n1,2\n3," + text + "\n");
    check_short_failure(dir.nflow(cli::training({"--infer", "no"})),
                        {"t.csv:3: column 2 (b)", "xx...'"});
    dir.write("t.csv", text + ",b\n1,1\n1,2\n1,4\n");
    check_short_failure(dir.nflow(cli::training({"--infer", "no"})), {"xx...' is 1 in every"});
    CHECK(dir.nflow(cli::training({})).err.size() < 2000);
    check_short_failure(dir.nflow({"logprob", "-m", cli::model(), "t.csv"}),
                        {"no column 'a'", "the file has xxx"});
    dir.write("t.csv", text + ",b," + text + "\n1,1,2\n1,2,2\n1,4,3\n");
    check_short_failure(dir.nflow(cli::training({"--columns", "c"})), {"no column 'c'"});
    dir.write("t.csv", cli::table("ab", 100));
    for (const std::string& line :
         {text, text + " = 1", "seed = " + text, "flow = " + text, "flow = maf:hidden=" + text,
          "flow = maf:" + text, "layers = " + text, "precision = " + text, "support = " + text,
          "support = a=" + text, "columns = " + text, "quiet = " + text, "na = " + text,
          "time-limit = " + text, "seed = \"1\" " + text}) {
      CAPTURE(line.substr(0, 40));
      dir.write("job.conf", line + "\n");
      const Outcome result = dir.nflow(cli::training({"--config", "job.conf"}));
      CHECK(result.err.size() < 2000);
      CHECK(result.out.empty());
    }
    const std::string word(100'000, 'x');  // the most that a command line takes is not much more
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{word},
                                               {"--" + word},
                                               {"info", "--" + word},
                                               {"info", word, word},
                                               {"train", "--seed", word},
                                               {"train", "t.csv", "--flow", word},
                                               {"train", "t.csv", "--log-format", word},
                                               {"info", "m", word}}) {
      check_short_failure(dir.nflow(words), {});
    }
    CHECK(dir.nflow({"info", "--log-format", "json", word, word}).err.size() < 2000);
  }
}
