#include <doctest/doctest.h>

#include <cmath>

#include "cli/trained.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// Two models of the columns a and b, the second with a context too and their order turned, and
/// rows.
struct Two : Workdir {
  Two() {
    write("t.csv", cli::table("abc", 200, 2));
    write("new.csv", cli::table("abc", 100, 7));
    train({"--columns", "a,b"}, "one.nflow");
    train({"--columns", "b,a", "--context", "c"}, "two.nflow");
  }
  void train(Words words, const std::string& model) const {
    words.insert(words.begin(), {"t.csv", "-o", model, "--infer", "no"});
    const Outcome result = cli::train(*this, words);
    REQUIRE_MESSAGE(result.status == 0, result.err);
  }
  std::vector<double> scores(const std::string& model) const {
    std::vector<double> list;
    const Words text = cli::lines(nflow({"logprob", "-m", model, "new.csv"}).out);
    for (std::size_t i = 1; i < text.size(); ++i) list.push_back(cli::numbers(text[i]).at(0));
    return list;
  }
};

/// Mean and standard error.
std::pair<double, double> estimate(const std::vector<double>& values) {
  double sum = 0, squares = 0;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) sum += value;
  for (const double value : values) squares += std::pow(value - sum / n, 2);
  return {sum / n, std::sqrt(squares / (n - 1) / n)};
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("compare writes what logprob gives: means, differences and their errors") {
    const Two dir;
    const Outcome result = dir.nflow({"compare", "new.csv", "-m", "one.nflow", "-m", "two.nflow"});
    CHECK_MESSAGE(result.status == 0, result.err);
    CHECK(result.err.empty());
    const Words text = cli::lines(result.out);
    REQUIRE(text.size() == 3);
    CHECK(text[0] == "model,rows,mean,stderr,difference,stderr_difference");
    const std::vector<double> one = dir.scores("one.nflow"), two = dir.scores("two.nflow");
    std::vector<double> gain;
    for (std::size_t i = 0; i < one.size(); ++i) gain.push_back(two[i] - one[i]);
    CHECK(text[1].rfind("one.nflow,100,", 0) == 0);
    CHECK(text[1].substr(text[1].size() - 4) == ",0,0");
    const auto row = cli::numbers(text[2].substr(text[2].find(',') + 1));
    CHECK(row.at(1) == doctest::Approx(estimate(two).first));
    CHECK(row.at(2) == doctest::Approx(estimate(two).second));
    CHECK(row.at(3) == doctest::Approx(estimate(gain).first));
    CHECK(row.at(4) == doctest::Approx(estimate(gain).second));
    const Words same{"compare", "-", "-m", "one.nflow", "-m", "two.nflow", "--threads", "3"};
    CHECK(dir.nflow(same, dir.read("new.csv")).out == result.out);
  }

  TEST_CASE("compare --json has each pair, and rows of -inf count for no model") {
    const Two dir;
    dir.train({"--columns", "a,b", "--support", "a=[-6,6]"}, "three.nflow");
    dir.write("new.csv", "a,b,c\n0.5,0.1,0\n-0.5,0.2,1\n7,0,0\n");
    const Outcome result = dir.nflow({"compare", "new.csv", "-m", "one.nflow", "-m", "two.nflow",
                                      "-m", "three.nflow", "--json"});
    CHECK(cli::is_failure(result.err, {"warning: 1 row left out: log p = -inf for 0 with one.nflow",
                                       "1 with three.nflow"}));
    const auto json = cli::parsed(result.out);
    CHECK(json.at("rows") == 2);
    CHECK(json.at("left_out") == 1);
    CHECK(json.at("models").size() == 3);
    CHECK(json.at("models")[2].at("infinite") == 1);
    CHECK(json.at("pairs").size() == 3);
    CHECK(json.at("pairs")[2].at("model") == "three.nflow");
    CHECK(json.at("pairs")[2].at("against") == "two.nflow");
    const double difference = json.at("pairs")[2].at("difference");
    CHECK(difference == doctest::Approx(json.at("models")[2].at("mean").get<double>() -
                                        json.at("models")[1].at("mean").get<double>()));
    const Outcome none =
        dir.nflow({"compare", "-", "-m", "one.nflow", "-m", "three.nflow"}, "a,b\n7,5\n");
    CHECK(none.status == 1);
    CHECK(cli::is_failure(none.err, {"standard input", "no row", "above -inf"}));
  }

  TEST_CASE("compare without rows writes the divergences of two models") {
    const Two dir;
    dir.train({"--columns", "b,a", "--seed", "3"}, "three.nflow");
    const Words words{"compare", "-m", "one.nflow", "-m", "three.nflow", "-n", "500"};
    const Outcome result = dir.nflow(words);
    CHECK_MESSAGE(result.status == 0, result.err);
    const Words text = cli::lines(result.out);
    REQUIRE(text.size() == 3);
    CHECK(text[0] == "p,q,rows,divergence,stderr");
    CHECK(text[1].rfind("one.nflow,three.nflow,500,", 0) == 0);
    CHECK(text[2].rfind("three.nflow,one.nflow,500,", 0) == 0);
    CHECK(dir.nflow(words).out == result.out);
    const Outcome other =
        dir.nflow({"compare", "-m", "one.nflow", "-m", "three.nflow", "-n500", "--seed", "9"});
    CHECK(other.out != result.out);
    const Outcome json =
        dir.nflow({"compare", "-m", "one.nflow", "-m", "one.nflow", "-n", "50", "--json"});
    CHECK(cli::parsed(json.out).at("divergences")[1].at("divergence") == 0);
  }

  TEST_CASE("compare writes what it left out of a table of blanks with blanks") {
    const Workdir dir;
    std::string table = "a b\n";
    for (int i = 0; i < 60; ++i) {
      table += std::to_string(std::sin(5 * i)) + " " + std::to_string(std::cos(3 * i)) + "\n";
    }
    dir.write("t.txt", table);
    REQUIRE(cli::train(dir, {"t.txt", "-o", "one.nflow"}).status == 0);
    dir.write("t.txt", table + "1 2 3\n");
    const Outcome result =
        dir.nflow({"compare", "t.txt", "-m", "one.nflow", "-m", "one.nflow", "--delimiter",
                   "blanks", "--on-error", "skip", "--rejects", "left.txt"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(dir.read("left.txt") == "line reason a b\n62 \"3 fields where 2 were expected\" 1 2 3\n");
  }

  TEST_CASE("compare knows labels by their texts, whatever their numbers in the models") {
    const Workdir dir;
    std::string some = "a,kind\n", others = "a,kind\n";
    for (int i = 0; i < 60; ++i) {
      const std::string number = std::to_string(i * 37 % 60 / 7.0);
      some += number + (i % 3 == 0 ? ",x\n" : ",y\n");
      others += number + (i % 4 == 0 ? ",y\n" : i % 4 == 1 ? ",z\n" : ",x\n");
    }
    dir.write("some.csv", some);
    dir.write("others.csv", others);
    REQUIRE(cli::train(dir, {"some.csv", "-o", "one.nflow", "--support", "a=REAL"}).status == 0);
    REQUIRE(cli::train(dir, {"others.csv", "-o", "two.nflow", "--support", "a=REAL"}).status == 0);
    const Outcome rows = dir.nflow({"compare", "some.csv", "-m", "one.nflow", "-m", "two.nflow"});
    CHECK_MESSAGE(rows.status == 0, rows.err);
    const std::string expected =
        dir.nflow({"logprob", "-m", "two.nflow", "some.csv", "--summary"}).out;
    CHECK(cli::numbers(cli::lines(rows.out).at(2).substr(10)).at(1) ==
          doctest::Approx(cli::numbers(cli::lines(expected).at(1)).at(1)));
    const Outcome drawn = dir.nflow({"compare", "-m", "one.nflow", "-m", "two.nflow", "-n", "200"});
    const Words text = cli::lines(drawn.out);
    CHECK(cli::contains(text.at(2), ",inf,inf"));  // the first has no z
    CHECK(!cli::contains(text.at(1), "inf"));
    CHECK(cli::contains(drawn.err, "of 200 draws of two.nflow have log p = -inf with one.nflow"));
  }

  TEST_CASE("compare refuses what cannot be compared") {
    const Two dir;
    dir.train({"--columns", "a,c"}, "other.nflow");
    const auto refused = [&](const Words& words, int status, const Words& parts) {
      Words all{"compare"};
      all.insert(all.end(), words.begin(), words.end());
      const Outcome result = dir.nflow(all);
      CHECK(result.status == status);
      CHECK(result.out.empty());
      CHECK_MESSAGE(cli::is_failure(result.err, parts), result.err);
    };
    refused({"new.csv", "-m", "one.nflow"}, 2, {"two models"});
    refused({"new.csv"}, 2, {"needs -m MODEL"});
    refused({"new.csv", "-m", "one.nflow", "-m", "other.nflow"}, 1,
            {"different columns", "only one.nflow has the column 'b'"});
    refused({"-m", "one.nflow", "-m", "two.nflow"}, 2, {"conditioned on 'c'"});
    refused({"-m", "one.nflow", "-m", "one.nflow", "--na", "?"}, 2, {"--na is for DATA"});
    refused({"new.csv", "-m", "one.nflow", "-m", "two.nflow", "-n", "5"}, 2, {"without DATA"});
    refused({"-", "-m", "one.nflow", "-m", "-"}, 2, {"standard input"});
    refused({"new.csv", "-m", "one.nflow", "-m", "two.nflow", "-o", "two.nflow"}, 2,
            {"name the same file"});
  }
}
