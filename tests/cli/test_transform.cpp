#include <doctest/doctest.h>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

using Words = std::vector<std::string>;

/// The output of a transform that works.
std::string transform(const Workdir& dir, const Words& words,
                      const std::string& model = cli::model()) {
  Words all{"transform", "-m", model};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome result = dir.nflow(all);
  CHECK_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  return result.out;
}

/// Are the numbers of both tables, headers apart, the same to `tolerance`?
bool agree(const std::string& one, const std::string& other, double tolerance) {
  const Words a = cli::lines(one);
  const Words b = cli::lines(other);
  if (a.size() != b.size()) return false;
  for (std::size_t i = 1; i < a.size(); ++i) {
    const std::vector<double> x = cli::numbers(a[i]);
    const std::vector<double> y = cli::numbers(b[i]);
    if (x.size() != y.size()) return false;
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (!(std::abs(x[j] - y[j]) <= tolerance)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("transform and --inverse are each other's undoing") {
    Workdir dir;
    const std::string rows = cli::table("ab", 200, 2);
    dir.write("rows.csv", rows);
    CHECK(transform(dir, {"rows.csv", "-o", "latent.csv"}).empty());
    CHECK(cli::lines(dir.read("latent.csv")).at(0) == "z1,z2");
    const std::string back = transform(dir, {"latent.csv", "--inverse"});
    CHECK(cli::lines(back).at(0) == "a,b");
    CHECK(agree(back, rows, 1e-3));
  }

  TEST_CASE("transform finds columns by name, or by position without names") {
    Workdir dir;
    dir.write("named.csv", "b,id,a\n0.2,u,0.1\n0,v,-0.5\n");
    dir.write("bare.csv", "0.1,0.2\n-0.5,0\n");
    const std::string latent = transform(dir, {"named.csv"});
    CHECK(latent == transform(dir, {"bare.csv"}));
    dir.write("z.csv", "z2,z1\n0.5,1\n");
    dir.write("z-bare.csv", "1,0.5\n");
    CHECK(transform(dir, {"--inverse", "z.csv"}) == transform(dir, {"--inverse", "z-bare.csv"}));
    dir.write("three.csv", "1,0.5,2\n");
    for (const Words& words : {Words{"three.csv"}, Words{"three.csv", "--inverse"}}) {
      Words all{"transform", "-m", cli::model()};
      all.insert(all.end(), words.begin(), words.end());
      const Outcome result = dir.nflow(all);
      CHECK(result.status == 1);
      CHECK(cli::is_failure(result.err, {"three.csv", "3 columns"}));
    }
    const Outcome no_latent =
        dir.nflow({"transform", "-m", cli::model(), "--inverse", "named.csv"});
    CHECK(no_latent.status == 1);
    CHECK(cli::is_failure(no_latent.err, {"named.csv", "'z1'"}));
  }

  TEST_CASE("transform --append puts the new columns behind the input's text") {
    Workdir dir;
    dir.write("rows.csv", "b;id;a\r\n 0.20;u;.1\r\n0;v;-0.5\r\n");
    const Words appended = cli::lines(transform(dir, {"rows.csv", "--append", "--delimiter", ";"}));
    REQUIRE(appended.size() == 3);
    CHECK(appended[0] == "b;id;a;z1;z2");
    CHECK(appended[1].rfind(" 0.20;u;.1;", 0) == 0);
    CHECK(appended[2].rfind("0;v;-0.5;", 0) == 0);
    const std::string alone = transform(dir, {"rows.csv", "--delimiter", ";"});
    std::string last = cli::lines(alone).at(2);
    CHECK(appended[2] == "0;v;-0.5;" + last.replace(last.find(','), 1, ";"));
    dir.write("both.csv", transform(dir, {"rows.csv", "--append", "--delimiter", ";"}));
    const Words back =
        cli::lines(transform(dir, {"both.csv", "--append", "--inverse", "--delimiter", ";"}));
    CHECK(back.at(0) == "b;id;a;z1;z2;a;b");
  }

  TEST_CASE("transform of a conditional model takes the context from the table") {
    Workdir dir;
    const std::string& model = cli::conditional_model();
    dir.write("rows.csv", "c,a,b\n0.5,0.1,0.2\n-0.5,0.1,0.2\n");
    dir.write("both.csv", transform(dir, {"rows.csv", "--append"}, model));
    const Words rows = cli::lines(dir.read("both.csv"));
    CHECK(rows.at(0) == "c,a,b,z1,z2");
    const std::string back = transform(dir, {"both.csv", "--inverse"}, model);
    CHECK(agree(back, "a,b\n0.1,0.2\n0.1,0.2\n", 1e-3));
  }

  TEST_CASE("transform names a row that no double can hold") {
    Workdir dir;
    dir.write("far.csv", "a,b\n0.1,0.2\n1.7e308,-1.7e308\n");
    const Outcome result = dir.nflow({"transform", "-m", cli::model(), "far.csv", "-o", "z.csv"});
    CHECK(result.status == 1);
    CHECK(cli::is_failure(result.err, {"far.csv:3"}));
    CHECK(dir.files() == Words{"far.csv"});
  }

  TEST_CASE("latent rows of the model's own samples, and back, through one pipe") {
    Workdir dir;
    const Outcome result =
        dir.shell("\"$NFLOW\" sample -m '" + cli::model() +
                  "' -n 50 --seed 3 > s.csv\n\"$NFLOW\" transform -m '" + cli::model() +
                  "' s.csv | \"$NFLOW\" transform -m '" + cli::model() + "' --inverse -");
    CHECK(result.status == 0);
    CHECK(agree(result.out, dir.read("s.csv"), 1e-3));
  }
}
