#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "cli/mpi.h"
#include "cli/trained.h"
#include "sanitized.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The fields of the lines behind the header.
std::vector<Words> fields(const std::string& csv) {
  std::vector<Words> rows;
  for (const std::string& line : cli::lines(csv)) {
    Words row{""};
    for (const char c : line) {
      if (c == ',') {
        row.emplace_back();
      } else {
        row.back() += c;
      }
    }
    rows.push_back(row);
  }
  CHECK(rows.at(0) == Words{"row", "fold", "logprob"});
  rows.erase(rows.begin());
  return rows;
}

/// A table with a column more: its values, again and again.
std::string with_column(const std::string& table, const std::string& name, const Words& values) {
  std::string text;
  const Words lines = cli::lines(table);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += lines[i] + "," + (i == 0 ? name : values[(i - 1) % values.size()]) + "\n";
  }
  return text;
}

Outcome folds(const Workdir& dir, Words words, int count = 3) {
  words.insert(words.end(), {"--folds", std::to_string(count), "--fold-scores", "s.csv"});
  const Outcome result = cli::train(dir, words);
  CHECK_MESSAGE(result.status == 0, result.err);
  return result;
}

struct Table : Workdir {
  Table() { write("t.csv", cli::table("ab", 120)); }
};

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train --folds scores each row by a model that has not seen it") {
    const Table dir;
    const Outcome result = folds(dir, {"t.csv", "-o", "m.nflow"});
    const std::string model = dir.read("m.nflow"), scores = dir.read("s.csv");
    const std::vector<Words> rows = fields(scores);
    REQUIRE(rows.size() == 120);
    std::map<std::string, int> sizes;
    double sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(rows[i].at(0) == std::to_string(i + 1));
      ++sizes[rows[i].at(1)];
      sum += std::stod(rows[i].at(2));
    }
    CHECK(sizes == std::map<std::string, int>{{"1", 40}, {"2", 40}, {"3", 40}});
    CHECK(cli::contains(result.err, "3 folds: log p = "));
    CHECK(cli::contains(result.err, " over rows, "));
    const Outcome json = folds(dir, {"t.csv", "-o", "m.nflow", "--log-format", "json"});
    const auto last = cli::parsed(cli::lines(json.err).back());
    CHECK(last.at("folds_log_prob").get<double>() == doctest::Approx(sum / 120).epsilon(1e-9));
    CHECK(last.at("folds_stderr_rows").get<double>() > 0);
    CHECK(last.at("folds_stderr_folds").get<double>() > 0);

    // The final model is that of a training without folds.
    REQUIRE(cli::train(dir, {"t.csv", "-o", "m.nflow"}).status == 0);
    CHECK(dir.read("m.nflow") == model);
    // All is the same on any number of threads, and other folds come from another seed.
    folds(dir, {"t.csv", "-o", "m.nflow", "--threads", "3"});
    CHECK(dir.read("s.csv") == scores);
    folds(dir, {"t.csv", "-o", "m.nflow", "--seed", "5"});
    CHECK(dir.read("s.csv") != scores);
  }

  TEST_CASE("train --folds: a row's own value has no part in the model that scores it") {
    // Rows of one fold are moved: the scores of that fold's rows by the models of the others
    // change, but a model without that fold is the same, and so is the score of a row that was not
    // moved.
    const Table dir;
    folds(dir, {"t.csv", "-o", "m.nflow"});
    const std::vector<Words> before = fields(dir.read("s.csv"));
    Words lines = cli::lines(dir.read("t.csv"));
    int moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].at(1) != "2" || moved == 20) continue;
      ++moved;
      std::vector<double> row = cli::numbers(lines[i + 1]);
      lines[i + 1] = std::to_string(row.at(0) + 0.5) + "," + std::to_string(row.at(1) * 1.2);
    }
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    dir.write("t.csv", text);
    folds(dir, {"t.csv", "-o", "m.nflow"});
    const std::vector<Words> after = fields(dir.read("s.csv"));
    int same = 0, others = 0, held = 0;
    moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      CHECK(after[i].at(1) == before[i].at(1));
      if (before[i].at(1) != "2") {
        others += after[i].at(2) == before[i].at(2) ? 0 : 1;
      } else if (moved++ >= 20) {
        ++held;
        same += after[i].at(2) == before[i].at(2) ? 1 : 0;
      }
    }
    CHECK(held == 20);
    CHECK(same == held);
    CHECK(others > 60);  // whose models have seen the moved rows
  }

  TEST_CASE("train --folds --group: no group is in two folds, and the column is not modelled") {
    const Workdir dir;
    dir.write("t.csv", with_column(cli::table("ab", 120), "who",
                                   {"ann", "1", "1.0", "NA", "bob", "eve", "ann"}));
    folds(dir, {"t.csv", "-o", "m.nflow", "--group", "who"});
    const std::vector<Words> rows = fields(dir.read("s.csv"));
    std::map<std::string, std::set<std::string>> of;
    const Words names{"ann", "1", "1.0", "NA", "bob", "eve", "ann"};
    std::map<std::string, int> sizes;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      of[names[i % names.size()]].insert(rows[i].at(1));
      ++sizes[rows[i].at(1)];
    }
    CHECK(of.size() == 6);
    for (const auto& [name, its] : of) CHECK_MESSAGE(its.size() == 1, name);
    CHECK(sizes.size() == 3);
    CHECK(cli::info(dir).at("columns").size() == 2);
    // By its number, with weights and as context beside.
    folds(dir, {"t.csv", "-o", "m.nflow", "--group", "3", "--context", "who"});
    dir.write("hole.csv", "a,b,who\n1,2,x\n2,3,\n4,1,y\n5,7,y\n");
    const Outcome hole =
        cli::train(dir, {"hole.csv", "-o", "x.nflow", "--folds", "2", "--group", "who"});
    CHECK(hole.status == 1);
    CHECK(cli::is_failure(hole.err, {"hole.csv:3: column 3 (who): missing value"}));
    const Outcome few =
        cli::train(dir, {"t.csv", "-o", "x.nflow", "--folds", "7", "--group", "who"});
    CHECK(few.status == 1);
    CHECK(cli::contains(few.err, "t.csv: 7 folds need as many groups, and there are 6\n"));
    CHECK(!dir.has("x.nflow"));
  }

  TEST_CASE("train --folds: rows that are left out keep their lines, without a score") {
    const Workdir dir;
    Words lines = cli::lines(with_column(cli::table("ab", 60), "w", {"1", "2", "0.5"}));
    lines[4] = "1,NA,1";
    lines[9] = "1,2,0";
    lines[20] = "what,is,this";
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    dir.write("t.csv", text);
    folds(dir, {"t.csv", "-o", "m.nflow", "--weights", "w", "--missing", "drop", "--infer", "no",
                "--on-error", "skip"});
    const std::vector<Words> rows = fields(dir.read("s.csv"));
    REQUIRE(rows.size() == 60);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool out = i == 3 || i == 8 || i == 19;
      CHECK(rows[i].at(0) == std::to_string(i + 1));
      CHECK(rows[i].at(1).empty() == out);
      CHECK(rows[i].at(2).empty() == out);
    }
  }

  TEST_CASE("train --folds of labels and holes fits bins without the rows of a fold") {
    const Workdir dir;
    std::string text = "kind,size,wait\n";
    for (int i = 0; i < 200; ++i) {
      const int u = i * 83 % 200;
      const std::string kind = i == 7 ? "once" : u < 90 ? "plain" : u < 150 ? "\"a, b\"" : "x";
      text += kind + "," + std::to_string(u * 7 % 200 / 9.7 + (u < 90 ? 5 : 0)) + "," +
              (i % 8 == 0 ? "" : std::to_string(i * 31 % 200 / 3.3)) + "\n";
    }
    dir.write("t.csv", text);
    folds(dir, {"t.csv", "-o", "m.nflow"}, 4);
    for (const Words& row : fields(dir.read("s.csv"))) {
      CHECK(std::isfinite(std::stod(row.at(2))));
    }
    const Outcome further = dir.nflow({"train", "t.csv", "--init", "m.nflow", "-o", "n.nflow",
                                       "--folds", "2", "--max-steps", "10", "--fold-scores", "-"});
    CHECK_MESSAGE(further.status == 0, further.err);
    CHECK(fields(further.out).size() == 200);
  }

  TEST_CASE("train --folds is cut and goes on to the same scores and model" *
            nflow::testing::kLong) {
    const Table dir;
    for (const std::string flow : {"--flow maf:hidden=8", ""}) {  // nflow's own choice too
      const std::string train =
          "\"$NFLOW\" train t.csv --folds 3 --fold-scores s.csv --max-steps "
          "30 --patience 0 -q " +
          flow;
      REQUIRE(dir.shell(train + " -o whole.nflow && mv s.csv whole.csv").status == 0);
      const Outcome cut = dir.shell(
          "n=0; s=75; while [ $s = 75 ] && [ $n -lt 1000 ]; do " + train +
          " -o m.nflow --resume-if-exists c --time-limit 0.005s; s=$?; n=$((n + 1)); done\n"
          "echo $s; [ $n -gt 2 ] && cmp whole.nflow m.nflow && cmp whole.csv s.csv; rm -f c");
      CHECK_MESSAGE(cut.status == 0, cut.err);
      CHECK(cli::lines(cut.out).at(0) == "0");
      CHECK(cut.out == "0\n");
    }
    const Outcome other = dir.shell(
        "\"$NFLOW\" train t.csv --folds 3 --max-steps 30 -q -o m.nflow --checkpoint c && "
        "\"$NFLOW\" train t.csv --folds 4 --max-steps 30 -q -o m.nflow --resume c");
    CHECK(other.status == 1);
    CHECK_MESSAGE(cli::is_failure(other.err, {"a checkpoint with", "fold"}), other.err);
  }

  TEST_CASE("train --folds keeps to a time limit, which the trainings share") {
    const Table dir;
    const Outcome result = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--flow", "maf", "--folds",
                                      "3", "--time-limit", "2s", "--patience", "0"});
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK(cli::contains(result.err, "fold 3 of 3"));
    CHECK(cli::contains(result.err, "saved m.nflow"));
  }

  TEST_CASE("train --folds in several processes has the bytes of one") {
    const Table dir;
    if (!cli::why_no_mpi().empty()) return;  // told elsewhere
    const std::string train = " train t.csv --folds 3 --flow maf:hidden=8 --max-steps 30 -q ";
    const Outcome result = cli::mpi_shell(
        dir, "\"$NFLOW\"" + train + "-o one.nflow --fold-scores one.csv && mpi 3" + train +
                 "-o m.nflow --fold-scores s.csv && cmp one.nflow m.nflow && cmp one.csv s.csv");
    CHECK_MESSAGE(result.status == 0, result.err);
  }

  TEST_CASE("train --folds with what cannot be") {
    const Table dir;
    const auto refused = [&](const Words& more, int status, const Words& parts) {
      Words words{"t.csv", "-o", "m.nflow"};
      words.insert(words.end(), more.begin(), more.end());
      const Outcome result = cli::train(dir, words);
      CHECK(result.status == status);
      CHECK(!dir.has("m.nflow"));
      REQUIRE(!result.err.empty());
      CHECK_MESSAGE(cli::is_failure(cli::lines(result.err).back() + "\n", parts), result.err);
    };
    refused({"--folds", "1"}, 2, {"--folds", "1"});
    refused({"--folds", "3", "--missing", "fit"}, 2, {"--folds and --missing fit exclude"});
    refused({"--group", "a"}, 2, {"--group", "--folds K"});
    refused({"--fold-scores", "s.csv"}, 2, {"--fold-scores", "--folds K"});
    refused({"--folds", "121"}, 1, {"121 folds need as many rows, and there are 120"});
    refused({"--folds", "3", "--group", "c"}, 2, {"--group", "'c'"});
    refused({"--folds", "3", "--group", "a,b"}, 2, {"--group: one column"});
    refused({"--folds", "3", "--group", "a", "--columns", "a,b"}, 2, {"--group", "--columns"});
    refused({"--folds", "3", "--fold-scores", "m.nflow"}, 2, {"name the same file"});
    refused({"--folds", "3", "--fold-scores", "no/s.csv"}, 1, {"no/s.csv"});
  }
}
