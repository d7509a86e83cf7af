#include <doctest/doctest.h>

#include <chrono>
#include <cmath>

#include "cli/trained.h"
#include "nflow/csv.h"

namespace {

using cli::info;
using cli::Outcome;
using cli::train;
using cli::Workdir;

using Words = std::vector<std::string>;

Words column_names(const Workdir& dir, const char* key = "columns") {
  Words names;
  const nlohmann::json model = info(dir);
  for (const auto& column : model.at(key)) names.push_back(column.at("name"));
  return names;
}

/// What ends a command that has told of kinds of columns before.
std::string last_line(const Outcome& outcome) { return cli::lines(outcome.err).back() + "\n"; }

/// The columns that a training with these words models; CHECKs that it works.
Words trained_columns(const Workdir& dir, Words words) {
  words.insert(words.end(), {"-o", "m.nflow"});
  const Outcome result = train(dir, std::move(words));
  CHECK_MESSAGE(result.status == 0, result.err);
  return column_names(dir);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("train --columns, --exclude and --context choose by name, index and range") {
    Workdir dir;
    dir.write("a.csv", cli::table("abcd", 100));
    CHECK(trained_columns(dir, {"a.csv"}) == Words{"a", "b", "c", "d"});
    CHECK(trained_columns(dir, {"a.csv", "--columns", "c,a"}) == Words{"c", "a"});
    CHECK(trained_columns(dir, {"a.csv", "--columns", "2-4"}) == Words{"b", "c", "d"});
    CHECK(trained_columns(dir, {"a.csv", "--columns", "4,a"}) == Words{"d", "a"});
    CHECK(trained_columns(dir, {"a.csv", "--exclude", "b,4"}) == Words{"a", "c"});
    CHECK(trained_columns(dir, {"a.csv", "--columns=1-3", "--exclude", "b"}) == Words{"a", "c"});
    CHECK(trained_columns(dir, {"a.csv", "--context", "b", "--exclude", "d"}) == Words{"a", "c"});
    CHECK(column_names(dir, "context") == Words{"b"});
    CHECK(trained_columns(dir, {"a.csv", "--columns", "d", "--context", "b,a"}) == Words{"d"});
    CHECK(column_names(dir, "context") == Words{"b", "a"});
  }

  TEST_CASE("columns that are left out may be named alike") {
    Workdir dir;
    const std::string rows = cli::table("abc", 100);
    dir.write("a.csv", "a,a,b" + rows.substr(rows.find('\n')));
    CHECK(trained_columns(dir, {"a.csv", "--exclude", "2"}) == Words{"a", "b"});
    CHECK(trained_columns(dir, {"a.csv", "--columns", "3,1"}) == Words{"b", "a"});
    for (const Words& words : {Words{"a.csv"},
                               {"a.csv", "--context", "1"},
                               {"a.csv", "--columns", "1", "--weights", "2"}}) {
      Words all = words;
      all.insert(all.end(), {"-o", "n.nflow"});
      const Outcome both = train(dir, all);
      CHECK(both.status == 1);
      CHECK_MESSAGE(
          cli::is_failure(both.err, {"a.csv: columns 1 and 2 are both named 'a'", "--exclude"}),
          both.err);
    }
    const Outcome scored = dir.nflow({"logprob", "-m", "m.nflow", "a.csv"});
    CHECK(cli::is_failure(scored.err, {"a.csv: columns 1 and 2 are both named 'a'"}));
  }

  TEST_CASE("a column without a name in the header is none of a model's") {
    Workdir dir;
    const std::string rows = cli::table("ab", 100);
    dir.write("bare.csv", rows.substr(rows.find('\n') + 1));
    CHECK(trained_columns(dir, {"bare.csv"}) == Words{"x1", "x2"});
    const auto logprob = [&](const std::string& text, const Words& more = {}) {
      Words words{"logprob", "-m", "m.nflow"};
      words.insert(words.end(), more.begin(), more.end());
      return dir.nflow(words, text);
    };
    CHECK(cli::is_failure(logprob(",x2\n7,0.5\n").err, {"no column 'x1'"}));
    const std::string expected = logprob("x1,x2\n1,0.5\n").out;
    CHECK(logprob(",x1,x2\n0,1,0.5\n").out == expected);
    CHECK(logprob("x1  x2\n1  0.5\n", {"--delimiter", " "}).out == expected);
    // As pandas writes a table with its index.
    std::string indexed;
    for (const std::string& line : cli::lines(rows)) {
      indexed +=
          (indexed.empty() ? "" : std::to_string(indexed.size() * 7 % 101)) + "," + line + "\n";
    }
    dir.write("indexed.csv", indexed);
    CHECK(trained_columns(dir, {"indexed.csv", "--exclude", "1"}) == Words{"a", "b"});
    CHECK(trained_columns(dir, {"indexed.csv"}) == Words{"unnamed1", "a", "b"});
    CHECK(logprob(indexed).status == 0);
  }

  TEST_CASE("train reads headers, delimiters and spellings of missing as told") {
    Workdir dir;
    const std::string rows = "1,2\n2,3.5\n3,1\n4,7\n5,2\n6,6\n";
    dir.write("plain.csv", rows);
    CHECK(trained_columns(dir, {"plain.csv"}) == Words{"x1", "x2"});
    CHECK(info(dir).at("training").at("rows") == 5);
    CHECK(trained_columns(dir, {"plain.csv", "--header", "yes"}) == Words{"1", "2"});
    dir.write("tabs.csv", "a\tb\r\n1\t2\r\n2\t3.5\r\n3\t1\r\n4\t7\r\n\r\n");
    CHECK(trained_columns(dir, {"tabs.csv", "--delimiter", "\\t"}) == Words{"a", "b"});
    dir.write("holes.csv", "\xef\xbb\xbf\"a\", b\n" + rows + "?,1\n3,-999\n,2\nNA,3\n");
    CHECK(trained_columns(dir, {"holes.csv", "--missing", "drop", "--na", "?,-999"}) ==
          Words{"a", "b"});
    CHECK(info(dir).at("training").at("rows") == 5);
    const Outcome refused =
        train(dir, {"holes.csv", "-o", "n.nflow", "--na", "?,-999", "--infer", "no"});
    CHECK(refused.status == 1);
    CHECK(cli::is_failure(refused.err, {"holes.csv:8", "a"}));
    CHECK_FALSE(dir.has("n.nflow"));
  }

  TEST_CASE("train warns where a header is probably data") {
    Workdir dir;
    dir.write("a.csv", "1.5,2,g\n" + cli::table("abc", 50).substr(6));
    const Outcome result = train(dir, {"a.csv", "-o", "m.nflow"});
    CHECK(result.status == 0);
    CHECK(cli::contains(result.err, "nflow: warning: a.csv: the first line is taken for a header"));
    CHECK(cli::contains(result.err, "--header no"));
  }

  TEST_CASE("train --validation-file takes its columns by name") {
    Workdir dir;
    dir.write("a.csv", cli::table("abc", 100));
    dir.write("v.csv", "c,n,a,b\n0.1,x,0.5,0.25\n0.3,y,-0.5,0\n");
    const Outcome result =
        train(dir, {"a.csv", "-o", "m.nflow", "--validation-file", "v.csv", "--context", "c"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    const nlohmann::json record = info(dir).at("training");
    CHECK(record.at("rows") == 100);
    CHECK(record.at("validation_rows") == 2);
    const Outcome score = dir.nflow({"logprob", "-m", "m.nflow", "v.csv", "--summary"});
    CHECK(cli::numbers(cli::lines(score.out).at(1)).at(1) ==
          doctest::Approx(record.at("validation_log_prob").get<double>()).epsilon(1e-5));
  }

  TEST_CASE("train names what a column lacks to be modelled") {
    Workdir dir;
    dir.write("text.csv", "a,species\n1,setosa\n2,virginica\n3,setosa\n");
    const Outcome text = train(dir, {"text.csv", "-o", "m.nflow", "--infer", "no"});
    CHECK(text.status == 1);
    CHECK(cli::is_failure(text.err, {"text.csv:2", "species", "setosa", "--exclude species"}));
    dir.write("constant.csv", "a,b\n1,7\n2,7\n3,7\n4,7\n");
    const Outcome constant = train(dir, {"constant.csv", "-o", "m.nflow", "--infer", "no"});
    CHECK(constant.status == 1);
    CHECK(cli::is_failure(constant.err, {"constant.csv", "'b'", "7", "--exclude b"}));
    const Outcome context = train(dir, {"constant.csv", "-o", "m.nflow", "--context", "b"});
    CHECK(context.status == 1);
    CHECK(cli::is_failure(last_line(context), {"constant.csv", "'b'", "--context"}));
    std::string offset = "a,t\n";
    for (int i = 0; i < 40; ++i) {
      const double nanoseconds = 1.7e18 + 256 * i;
      offset += std::to_string(i * i % 17) + "," + nflow::number_text(nanoseconds) + "\n";
    }
    dir.write("offset.csv", offset);
    const Outcome lost = train(dir, {"offset.csv", "-o", "m.nflow"});
    CHECK(lost.status == 1);
    CHECK(cli::is_failure(last_line(lost),
                          {"offset.csv", "'t'", "1.7e+18", "offset", "--exclude t"}));
    CHECK_FALSE(dir.has("m.nflow"));
  }

  TEST_CASE("columns of any scale are trained and scored") {
    Workdir dir;
    const Words lines = cli::lines(cli::table("ab", 300));
    for (const double scale : {1e-310, 1e-200, 1e300}) {
      CAPTURE(scale);
      std::string text = "a,b\n";
      for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::vector<double> row = cli::numbers(lines[i]);
        text += nflow::number_text(row[0] * scale) + "," + nflow::number_text(row[1]) + "\n";
      }
      dir.write("t.csv", text);
      REQUIRE(train(dir, {"t.csv", "-o", "m.nflow"}).status == 0);
      const Outcome scores = dir.nflow({"logprob", "-m", "m.nflow", "t.csv", "--summary"});
      REQUIRE(scores.status == 0);
      const std::vector<double> summary = cli::numbers(cli::lines(scores.out).at(1));
      CHECK(std::isfinite(summary.at(3)));
      CHECK(std::fabs(summary.at(1) + std::log(scale)) < 20);
    }
  }

  TEST_CASE("train refuses tables without enough rows") {
    Workdir dir;
    dir.write("empty.csv", "");
    dir.write("header.csv", "a,b\n");
    dir.write("one.csv", "a,b\n1,2\n");
    dir.write("two.csv", "a,b\n1,2\n2,3\n");
    for (const char* name : {"empty.csv", "header.csv", "one.csv", "two.csv"}) {
      const Outcome result = train(dir, {name, "-o", "m.nflow"});
      CHECK(result.status == 1);
      CHECK_MESSAGE(cli::is_failure(last_line(result), {name}), result.err);
      CHECK_FALSE(dir.has("m.nflow"));
    }
    const Outcome both =
        train(dir, {"two.csv", "-o", "m.nflow", "--validation-file", "header.csv"});
    CHECK(both.status == 1);
    CHECK(cli::is_failure(last_line(both), {"header.csv", "no rows"}));
  }

  TEST_CASE("train finds out before it works that a name cannot be saved") {
    Workdir dir;
    dir.write("bell.csv", "a,b\a\n" + cli::table("ab", 50).substr(4));
    const Outcome result = train(dir, {"bell.csv", "-o", "m.nflow", "-q"});
    CHECK(result.status == 1);
    CHECK(cli::is_failure(result.err, {"bell.csv", "control character"}));
    CHECK(dir.files() == Words{"bell.csv"});
  }

  TEST_CASE("tables of one column, and of one column with context, can be modelled") {
    Workdir dir;
    dir.write("one.csv", cli::table("a", 60));
    CHECK(trained_columns(dir, {"one.csv"}) == Words{"a"});
    CHECK(cli::lines(dir.nflow({"sample", "-m", "m.nflow", "-n", "3"}).out).size() == 4);
    dir.write("two.csv", cli::table("ab", 60));
    CHECK(trained_columns(dir, {"two.csv", "--context", "a"}) == Words{"b"});
    CHECK(dir.nflow({"logprob", "-m", "m.nflow", "two.csv"}).status == 0);
  }

  TEST_CASE("many columns of very many are left out at once") {
    const Workdir dir;
    constexpr int columns = 300000;
    std::string header = "a,b", row;
    for (int i = 2; i < columns; ++i) header += ",c" + std::to_string(i), row += ",0";
    std::string table = header + '\n';
    for (const std::string& line : cli::lines(cli::table("ab", 30))) {
      if (line != "a,b") table += line + row + '\n';
    }
    dir.write("t.csv", table);
    const auto start = std::chrono::steady_clock::now();
    const cli::Outcome result = dir.nflow(
        cli::training({"--exclude", "3-" + std::to_string(columns), "--flow", "actnorm"}));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK(taken.count() < 15);
  }
}
