#include <doctest/doctest.h>

#include <cmath>

#include "cli/trained.h"

namespace {

using cli::Mixed;
using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The lines of a quantile that works.
Words answers(const Workdir& dir, const Words& words, const std::string& input = "",
              const std::string& model = cli::model()) {
  Words all{"quantile", "-m", model};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all, input);
  CHECK_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  return cli::lines(result.out);
}

void check_refused(const Words& more, const std::string& model, const Words& parts) {
  const Workdir dir;
  Words words{"quantile", "-m", model};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome result = dir.nflow(words, "a,b\n0,0\n");
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("quantile answers for a column from the others, whether the table has it or not") {
    const Workdir dir;
    const Words lines = answers(dir, {"--column", "a"}, "a,b\n0.1,0.2\n-0.5,0\n");
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "a_q0.05,a_q0.5,a_q0.95");
    const auto row = cli::numbers(lines[1]);
    CHECK(row.at(0) < row.at(1));
    CHECK(row.at(1) < row.at(2));
    CHECK(lines[1] != lines[2]);
    CHECK(answers(dir, {"--column", "1"}, "b\n0.2\n0\n") == lines);
    CHECK(answers(dir, {"--column", "a"}, "b,a\n0.2,\n0,NA\n") == lines);
    CHECK(answers(dir, {"--column", "a"}, "0.2\n0\n") == lines);
    CHECK(answers(dir, {"--column", "a", "--threads", "3"}, "b\n0.2\n0\n") == lines);
    const Words more =
        answers(dir, {"--column", "a", "--at", ".5,0.25", "--mean", "--mode", "--cdf", "--append"},
                "id;a;b\nr 1;" + std::to_string(row[1]) + ";0.2\n");
    CHECK(more.at(0) == "id;a;b;a_q.5;a_q0.25;a_mean;a_mode;a_cdf");
    const std::string text = more.at(1).substr(more.at(1).find("0.2;") + 4);
    std::string commas = text;
    for (char& c : commas) c = c == ';' ? ',' : c;
    const auto values = cli::numbers(commas);
    CHECK(values.at(0) == row[1]);
    CHECK(values.at(1) < row[1]);
    CHECK(values.at(2) > row[0]);
    CHECK(values.at(3) > row[0]);
    CHECK(values.at(4) == doctest::Approx(0.5).epsilon(1e-4));
    CHECK(answers(dir, {"--column", "a", "--mean", "--no-header"}, "b\n0.2\n").size() == 1);
  }

  TEST_CASE("quantile --grid writes a density whose mass is one, and logprob's differences") {
    const Workdir dir;
    const Words lines = answers(dir, {"--column", "b", "--grid", "-30,30,3001"}, "a\n0.5\n-0.5\n");
    REQUIRE(lines.size() == 6003);
    CHECK(lines[0] == "row,b,density");
    CHECK(lines[1].rfind("1,-30,", 0) == 0);
    CHECK(lines[6002].rfind("2,30,", 0) == 0);
    double mass = 0;
    for (int i = 1; i <= 3001; ++i) mass += cli::numbers(lines[std::size_t(i)]).at(2) * 0.02;
    CHECK(mass == doctest::Approx(1).epsilon(1e-4));
    const auto at = [&](int i) { return cli::numbers(lines[std::size_t(i)]); };
    const Outcome scores = dir.nflow(
        {"logprob", "-m", cli::model()},
        "a,b\n0.5," + std::to_string(at(1501)[1]) + "\n0.5," + std::to_string(at(1521)[1]) + "\n");
    const double difference = cli::numbers(cli::lines(scores.out).at(2)).at(0) -
                              cli::numbers(cli::lines(scores.out).at(1)).at(0);
    CHECK(std::log(at(1521)[2] / at(1501)[2]) == doctest::Approx(difference).epsilon(1e-3));
  }

  TEST_CASE("quantile gives labels their probabilities, and holes theirs") {
    const Mixed dir;
    const Words lines =
        answers(dir, {"--column", "kind", "--mode"}, "size,wait\n7,3\n19,\n12,40\n", "m.nflow");
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].rfind("kind_mode,", 0) == 0);
    for (const char* name : {"P(plain)", "\"P(a, b)\"", "P(x)"}) {
      CHECK(cli::contains(lines[0], name));
    }
    for (std::size_t i = 1; i < 4; ++i) {
      const auto shares = cli::numbers(lines[i].substr(lines[i].rfind("\",") == std::string::npos
                                                           ? lines[i].find(',') + 1
                                                           : lines[i].rfind("\",") + 2));
      double sum = 0;
      for (const double share : shares) sum += share;
      CHECK(shares.size() == 3);
      CHECK(sum == doctest::Approx(1));
    }
    const Words waits = answers(dir, {"--column", "wait", "--at", "0.5", "--cdf"},
                                "kind,size,wait\nplain,7,3\n\"a, b\",19,\n", "m.nflow");
    CHECK(waits.at(0) == "wait_q0.5,wait_cdf,P(missing)");
    CHECK(std::isnan(cli::numbers(waits.at(2)).at(1)));
    CHECK(cli::numbers(waits.at(2)).at(2) > 0);
    const Outcome unknown = dir.nflow({"quantile", "-m", "m.nflow", "--column", "size"},
                                      "kind,wait\nnever,3\nplain,3\n");
    CHECK(unknown.status == 0);
    CHECK(cli::lines(unknown.out).at(1) == "nan,nan,nan");
    CHECK(cli::is_failure(unknown.err, {"warning: 1 row without an answer"}));
  }

  TEST_CASE("quantile of a conditional model takes the context from the table") {
    const Workdir dir;
    const std::string& model = cli::conditional_model();
    const Words lines = answers(dir, {"--column", "a"}, "b,c\n0.2,0.5\n0.2,-0.5\n", model);
    CHECK(lines.at(1) != lines.at(2));
    CHECK(answers(dir, {"--column", "a"}, "c,b,a\n-0.5,0.2,7\n", model).at(1) == lines.at(2));
  }

  TEST_CASE("quantile answers a row before the pipe closes") {
    const Workdir dir;
    cli::Conversation nflow(dir, {"quantile", "-m", cli::model(), "--column", "b"},
                            cli::Conversation::Ends::pipes);
    nflow.send("a\n0.1\n");
    CHECK(nflow.receive_line() == "b_q0.05,b_q0.5,b_q0.95");
    CHECK(cli::numbers(nflow.receive_line()).size() == 3);
    nflow.send("0.2\n");
    CHECK(cli::numbers(nflow.receive_line()).size() == 3);
    int status = -1;
    nflow.finish(status);
    CHECK(status == 0);
  }

  TEST_CASE("quantile refuses questions without an answer") {
    check_refused({}, cli::model(), {"--column COLUMN"});
    check_refused({"--column", "c"}, cli::model(), {"--column: the model has no column 'c'"});
    check_refused({"--column", "a", "--at", "0.5,1"}, cli::model(), {"--at", "'1'"});
    check_refused({"--column", "a", "--at", "0.5,0.5"}, cli::model(), {"--at", "twice"});
    check_refused({"--column", "a", "--grid", "0,1"}, cli::model(), {"--grid", "LO,HI,N"});
    check_refused({"--column", "a", "--grid", "1,0,5"}, cli::model(), {"--grid", "less"});
    check_refused({"--column", "a", "--grid", "0,1,5", "--mean"}, cli::model(), {"exclude"});
    const Mixed dir;
    check_refused({"--column", "kind", "--mean"}, dir.path("m.nflow"), {"--mean", "labels"});
    const Outcome none =
        dir.nflow({"quantile", "-m", cli::model(), "--column", "a", "--cdf"}, "b\n1\n");
    CHECK(none.status == 1);
    CHECK(cli::is_failure(none.err, {"no column 'a'", "--cdf"}));
  }

  TEST_CASE("logprob --explain names the column that is least expected given the others") {
    const Workdir dir;
    std::string text = "a,b,c\n";
    for (int i = 0; i < 300; ++i) {
      const double a = (i * 37 % 300) / 50.0, c = (i * 91 % 300) / 70.0;
      text += std::to_string(a) + "," + std::to_string(a + (i * 53 % 300) / 3000.0) + "," +
              std::to_string(c) + "\n";
    }
    dir.write("t.csv", text);
    REQUIRE(dir.nflow({"train", "t.csv", "-o", "m.nflow", "--flow", "mixture:components=4",
                       "--validation-fraction", "0.1"})
                .status == 0);
    const Words lines = [&] {
      const Outcome result = dir.nflow({"logprob", "-m", "m.nflow", "--explain", "all"},
                                       "a,b,c\n3,3.05,2\n3,3.05,15\n3,3.05,-9\n");
      CHECK_MESSAGE(result.status == 0, result.err);
      return cli::lines(result.out);
    }();
    CHECK(lines.at(0) == "logprob,odd_column,odd_tail,a_tail,b_tail,c_tail");
    for (const std::size_t i : {2, 3}) {
      const std::string rest = lines.at(i).substr(lines.at(i).find(',') + 1);
      CHECK(rest.rfind("c,", 0) == 0);
      const auto tails = cli::numbers(rest.substr(2));
      CHECK(tails.at(0) < 0.01);
      CHECK(tails.at(0) == tails.at(3));
      CHECK(tails.at(1) > 0.05);
    }
    const auto usual = lines.at(1).substr(lines.at(1).rfind(",") + 1);
    CHECK(std::stod(usual) > 0.2);
    dir.write("new.csv", "a,b,c\n3,3.05,15\n");
    const Outcome one = dir.nflow({"logprob", "-m", "m.nflow", "--explain", "new.csv", "--tail"});
    CHECK(cli::lines(one.out).at(0) == "logprob,tail,odd_column,odd_tail");
    const std::string conf = dir.nflow({"logprob", "--explain", "--print-config"}).out;
    CHECK(cli::contains(conf, "\nexplain = one\n"));
  }
}
