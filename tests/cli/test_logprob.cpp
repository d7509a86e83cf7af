#include <doctest/doctest.h>

#include <cmath>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The lines of a logprob that works.
Words scores(const Workdir& dir, const Words& words, const std::string& input = "",
             const std::string& model = cli::model()) {
  Words all{"logprob", "-m", model};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all, input);
  CHECK_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  return cli::lines(result.out);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("logprob writes a header and a number for each row") {
    Workdir dir;
    const Words result = scores(dir, {}, "a,b\n0.1,0.2\n-0.5,0\n");
    REQUIRE(result.size() == 3);
    CHECK(result[0] == "logprob");
    CHECK(std::isfinite(cli::numbers(result[1]).at(0)));
    CHECK(result[1] != result[2]);
    CHECK(scores(dir, {}, "a,b\n") == Words{"logprob"});
  }

  TEST_CASE("logprob finds columns by name in any order, by position without names") {
    Workdir dir;
    const Words expected = scores(dir, {}, "a,b\n0.1,0.2\n-0.5,0\n");
    CHECK(scores(dir, {}, "b,id,a\n0.2,row 1,0.1\n0,row 2,-0.5\n") == expected);
    CHECK(scores(dir, {}, "0.1,0.2\n-0.5,0\n") == expected);
    CHECK(scores(dir, {"--header", "no"}, "0.1,0.2\n-0.5,0\n") == expected);
    CHECK(scores(dir, {"--delimiter", ";", "-"}, "a;b\n0.1;0.2\n-0.5;0\n") == expected);
    CHECK(scores(dir, {}, "\xef\xbb\xbf\"a\" , b\r\n 0.1 ,\"0.2\"\r\n-5e-1,0x0p0\r\n\r\n") ==
          expected);
    dir.write("rows.csv", "a,b\n0.1,0.2\n-0.5,0");
    CHECK(scores(dir, {"rows.csv"}) == expected);
    CHECK(scores(dir, {"--", "rows.csv"}) == expected);
  }

  TEST_CASE("a model of a table without header knows its columns by their places") {
    Workdir dir;
    const std::string rows = cli::table("abc", 60).substr(6);
    dir.write("rows.csv", rows);
    dir.write("named.csv", "x1,x2,x3\n" + rows);
    const Outcome trained = dir.nflow(
        cli::quick({"train", "rows.csv", "-o", "m.nflow", "--columns", "3", "--context", "2"}));
    REQUIRE_MESSAGE(trained.status == 0, trained.err);
    CHECK(scores(dir, {"rows.csv"}, "", "m.nflow") == scores(dir, {"named.csv"}, "", "m.nflow"));
    // As many columns as the model has, too few for their numbers: then their order decides.
    CHECK(scores(dir, {}, "0.3,0.4\n", "m.nflow") ==
          scores(dir, {}, "x3,x2\n0.3,0.4\n", "m.nflow"));
    const Outcome narrow = dir.nflow({"logprob", "-m", "m.nflow"}, "1\n");
    CHECK(narrow.status == 1);
    CHECK(cli::is_failure(narrow.err, {"standard input", "1 column", "x3"}));
  }

  TEST_CASE("logprob refuses tables that lack a column") {
    Workdir dir;
    dir.write("new.csv", "a,c\n1,2\n");
    dir.write("three.csv", "1,2,3\n");
    dir.write("twice.csv", "a,b,a\n1,2,3\n");
    const Outcome lacking = dir.nflow({"logprob", "-m", cli::model(), "new.csv"});
    CHECK(lacking.status == 1);
    CHECK(lacking.out.empty());
    CHECK(cli::is_failure(lacking.err, {"new.csv", "no column 'b'", "a, c"}));
    const Outcome wide = dir.nflow({"logprob", "-m", cli::model(), "three.csv"});
    CHECK(wide.status == 1);
    CHECK(cli::is_failure(wide.err, {"three.csv", "3 columns", "2 columns: a, b"}));
    const Outcome twice = dir.nflow({"logprob", "-m", cli::model(), "twice.csv"});
    CHECK(twice.status == 1);
    CHECK(cli::is_failure(twice.err, {"twice.csv", "'a'"}));
  }

  TEST_CASE("logprob --append keeps the input's text") {
    Workdir dir;
    const Words alone = scores(dir, {}, "a,b\n0.10,0.2\n-0.5,0\n");
    const std::string input = "\"id, long\" ,b,a\r\n\"1, x\",0.20, 0.10\r\n 2,0,-.5";
    const Words appended = scores(dir, {"--append"}, input);
    REQUIRE(appended.size() == 3);
    CHECK(appended[0] == "\"id, long\" ,b,a,logprob");
    CHECK(appended[1] == "\"1, x\",0.20, 0.10," + alone[1]);
    CHECK(appended[2] == " 2,0,-.5," + alone[2]);
    CHECK(scores(dir, {"--append", "--delimiter", "\\t"}, "a\tb\n.1\t.2\n") ==
          Words{"a\tb\tlogprob", ".1\t.2\t" + alone[1]});
    CHECK(scores(dir, {"--append"}, ".1,.2\n") == Words{"x1,x2,logprob", ".1,.2," + alone[1]});
  }

  TEST_CASE("logprob --summary describes all rows in one") {
    Workdir dir;
    dir.write("rows.csv", cli::table("ab", 500, 3));
    double sum = 0;
    double squares = 0;
    const Words each = scores(dir, {"rows.csv"});
    REQUIRE(each.size() == 501);
    for (std::size_t i = 1; i < each.size(); ++i) {
      const double value = cli::numbers(each[i]).at(0);
      sum += value;
      squares += value * value;
    }
    const Words summary = scores(dir, {"rows.csv", "--summary"});
    REQUIRE(summary.size() == 2);
    CHECK(summary[0] == "rows,mean,stderr,min,max");
    const std::vector<double> values = cli::numbers(summary[1]);
    REQUIRE(values.size() == 5);
    const double mean = sum / 500;
    CHECK(values[0] == 500);
    CHECK(values[1] == doctest::Approx(mean));
    CHECK(values[2] == doctest::Approx(std::sqrt((squares / 500 - mean * mean) / 499)));
    CHECK(values[3] < mean);
    CHECK(values[4] > mean);
    const std::string line = scores(dir, {"--summary"}, "a,b\n0.1,0.2\n").at(1);
    const std::vector<double> single = cli::numbers(line);
    CHECK(single[1] == single[3]);
    CHECK(std::isnan(single[2]));
    CHECK(cli::contains(line, ",nan,"));  // and not -nan
    const Outcome none = dir.nflow({"logprob", "-m", cli::model(), "--summary"}, "a,b\n");
    CHECK(none.status == 1);
    CHECK(cli::is_failure(none.err, {"standard input", "no rows"}));
  }

  TEST_CASE("logprob counts rows beyond the model's precision") {
    Workdir dir;
    const std::string rows = "a,b\n1e300,0\n0,0\n0,-1e300\n";
    const Outcome result = dir.nflow({"logprob", "-m", cli::model()}, rows);
    CHECK(result.status == 0);
    const Words text = cli::lines(result.out);
    REQUIRE(text.size() == 4);
    CHECK(text[1] == "-inf");
    CHECK(text[2] != "-inf");
    CHECK(text[3] == "-inf");
    CHECK(cli::is_failure(result.err, {"nflow: warning: 2 rows have log p = -inf"}));
    const Outcome quiet = dir.nflow({"logprob", "-q", "--summary", "-m", cli::model()}, rows);
    CHECK(quiet.err.empty());
    CHECK(cli::lines(quiet.out).at(1).rfind("3,-inf,inf,-inf,", 0) == 0);
  }

  TEST_CASE("logprob reads the context of a conditional model from the table") {
    Workdir dir;
    const std::string& model = cli::conditional_model();
    const Words expected = scores(dir, {}, "a,b,c\n0.1,0.2,0.5\n0.1,0.2,-0.5\n", model);
    CHECK(expected.at(1) != expected.at(2));
    CHECK(scores(dir, {}, "c,b,a\n0.5,0.2,0.1\n-0.5,0.2,0.1\n", model) == expected);
    CHECK(scores(dir, {}, "0.1,0.2,0.5\n0.1,0.2,-0.5\n", model) == expected);
    const Outcome lacking = dir.nflow({"logprob", "-m", model}, "a,b\n1,2\n");
    CHECK(lacking.status == 1);
    CHECK(cli::is_failure(lacking.err, {"no column 'c'"}));
  }

  TEST_CASE("logprob gives the same bytes for any number of threads, with -o too") {
    Workdir dir;
    dir.write("rows.csv", cli::table("ab", 3000, 5));
    const auto run = [&](const std::string& threads) {
      return dir.nflow({"logprob", "-m", cli::model(), "rows.csv", "--threads", threads}).out;
    };
    const std::string one = run("1");
    CHECK(cli::lines(one).size() == 3001);
    CHECK(one == run("2"));
    CHECK(one == run("3"));
    const Outcome file = dir.nflow({"logprob", "-m", cli::model(), "rows.csv", "-o", "scores.csv"});
    CHECK(file.out.empty());
    CHECK(dir.read("scores.csv") == one);
  }

  TEST_CASE("logprob --tail writes the share that is less probable, --below rows with little") {
    Workdir dir;
    dir.write("rows.csv", cli::table("ab", 400, 5));
    const Words all = scores(dir, {"rows.csv", "--append", "--tail"});
    CHECK(all.at(0) == "a,b,logprob,tail");
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 1; i < all.size(); ++i) rows.push_back(cli::numbers(all[i]));
    for (const auto& row : rows) {
      CHECK(row[3] > 0);
      CHECK(row[3] <= 1);
      for (const auto& other : rows) CHECK((row[2] <= other[2] || row[3] >= other[3]));
    }
    const Words few = scores(dir, {"rows.csv", "--append", "--below", "0.2"});
    CHECK(few.size() > 20);
    CHECK(few.size() < 200);
    Words expected{all[0]};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i][3] < 0.2) expected.push_back(all[i + 1]);
    }
    CHECK(few == expected);
    CHECK(scores(dir, {"rows.csv", "--append", "--tail", "--threads", "3"}) == all);
    const Words coarse = scores(dir, {"--tail", "--tail-samples", "3"}, "a,b\n0,0\n9,9\n");
    CHECK(coarse.at(0) == "logprob,tail");
    CHECK(cli::numbers(coarse.at(2)).at(1) == 0.25);
  }

  TEST_CASE("logprob --tail is given the row's own context") {
    Workdir dir;
    const Words some =
        scores(dir, {"--tail"}, "a,b,c\n0,0,0.5\n0,0,-0.5\n0,0,0.5\n", cli::conditional_model());
    CHECK(some.at(1) == some.at(3));
    CHECK(some.at(1) != some.at(2));
    CHECK(scores(dir, {"--tail"}, "a,b,c\n0,0,-0.5\n", cli::conditional_model()).at(1) ==
          some.at(2));
  }

  TEST_CASE("logprob refuses questions about tails that have no answer") {
    const Workdir dir;
    const auto refused = [&](Words words, const Words& parts) {
      words.insert(words.begin(), {"logprob", "-m", cli::model(), "-"});
      const Outcome result = dir.nflow(words, "a,b\n0,0\n");
      CHECK(result.status == 2);
      CHECK(result.out.empty());
      CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
    };
    refused({"--below", "0.00009"}, {"--below: no tail is below one in 10001", "--tail-samples"});
    refused({"--below", "0"}, {"--below", "'0'"});
    refused({"--tail-samples", "100"}, {"--tail-samples is for --tail"});
    refused({"--tail", "--summary"}, {"--summary", "--tail", "exclude"});
  }

  TEST_CASE("logprob answers a row before the pipe closes") {
    Workdir dir;
    cli::Conversation nflow(dir, {"logprob", "-m", cli::model()}, cli::Conversation::Ends::pipes);
    nflow.send("a,b\n0.1,0.2\n");
    CHECK(nflow.receive_line() == "logprob");
    const std::string first = nflow.receive_line();
    CHECK(std::isfinite(cli::numbers(first).at(0)));
    nflow.send("-0.5,0\n0.1");
    CHECK(nflow.receive_line() != first);
    nflow.send(",0.2\n");
    CHECK(nflow.receive_line() == first);
    int status = -1;
    CHECK(nflow.finish(status).empty());
    CHECK(status == 0);
  }
}
