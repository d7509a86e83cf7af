#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/parsing.h"

using cli::contains;
using cli::Outcome;
using cli::Workdir;

namespace {

/// 400 rows that the model itself drew.
void write_own_rows(const Workdir& dir) {
  const Outcome drawn =
      dir.nflow({"sample", "-m", cli::model(), "-n", "400", "--seed", "7", "-o", "own.csv"});
  REQUIRE_MESSAGE(drawn.status == 0, drawn.err);
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("check finds nothing wrong with a model and its own rows") {
    const Workdir dir;
    write_own_rows(dir);
    const Outcome alone = dir.nflow({"check", "-m", cli::model()});
    CHECK_MESSAGE(alone.status == 0, alone.out << alone.err);
    CHECK(alone.err == "nflow: no DATA was given, and so the model alone was looked at\n");
    const Outcome result = dir.nflow({"check", "-m", cli::model(), "own.csv"});
    CHECK_MESSAGE(result.status == 0, result.out << result.err);
    CHECK(!contains(result.out, "OFF"));
    for (const char* name :
         {"round trip of rows", "log-determinant", "mass", "samples against data",
          "samples far from rows", "rows far from samples", "column a", "column b", "tail",
          "latent z2", "latent radius"}) {
      CHECK_MESSAGE(contains(result.out, std::string("\n") + name + " "), name);
    }
    // The first lines, which are about the model, do not depend on the rows.
    CHECK(cli::lines(alone.out).size() == 8);
    CHECK(dir.nflow({"check", "-m", cli::model(), "-"}, dir.read("own.csv")).out == result.out);
    CHECK(dir.nflow({"check", "-m", cli::model(), "own.csv", "--threads", "3"}).out == result.out);
  }

  TEST_CASE("check fails with the rows of something else, and says in what") {
    const Workdir dir;
    write_own_rows(dir);
    // Each column as it was, a now in the opposite order of b.
    const Outcome turned = dir.shell(
        "sed 1d own.csv | cut -d, -f1 | LC_ALL=C sort -g > a\n"
        "sed 1d own.csv | cut -d, -f2 | LC_ALL=C sort -gr | paste -d, a - | sed 1ia,b");
    const Outcome result =
        dir.nflow({"check", "-m", cli::model(), "-", "-o", "check.txt"}, turned.out);
    CHECK(result.status == 1);
    CHECK(cli::is_failure(result.err, {"off: ", "samples against data", "latent"}));
    CHECK(result.out.empty());
    CHECK(contains(dir.read("check.txt"), "OFF"));
    const Outcome json = dir.nflow({"check", "-m", cli::model(), "--json"}, turned.out);
    CHECK(json.status == 0);  // without DATA, standard input is not read
    const Outcome both = dir.nflow({"check", "-m", cli::model(), "-", "--json"}, turned.out);
    CHECK(both.status == 1);
    const nlohmann::json findings = cli::parsed(both.out);
    CHECK(findings.at("ok") == false);
    int off = 0;
    for (const auto& finding : findings.at("findings")) {
      CHECK(finding.size() == 6);
      off += finding.at("verdict") == "OFF" ? 1 : 0;
    }
    CHECK(off >= 2);
    CHECK(cli::parsed(json.out).at("ok") == true);
  }

  TEST_CASE("check says what it needs") {
    const Workdir dir;
    const Outcome none = dir.nflow({"check", "-m", cli::conditional_model()});
    CHECK(none.status == 2);
    CHECK(cli::is_failure(none.err, {"conditioned", "table"}));
    const Outcome few = dir.nflow({"check", "-m", cli::model(), "-"}, "a,b\n1,2\n");
    CHECK(few.status == 1);
    CHECK(cli::is_failure(few.err, {"standard input", "1 row,", "20"}));
    CHECK(dir.nflow({"check", "-m", cli::model(), "--alpha", "0"}).status == 2);
    CHECK(dir.nflow({"check", "-m", cli::model(), "--subset", "19"}).status == 2);
    CHECK(dir.nflow({"check"}).status == 2);
    for (const char* option :
         {"--subset", "--delimiter"}) {  // what was piped in is not read unasked
      const std::string value = option == std::string("--subset") ? "100" : ";";
      const Outcome idle = dir.nflow({"check", "-m", cli::model(), option, value});
      CHECK(idle.status == 2);
      CHECK(cli::is_failure(idle.err, {option, "is for DATA, of which none is given"}));
    }
    // Bad rows beyond those looked at are bad rows all the same.
    const std::string table = cli::table("abc", 100) + "1,2,x\n";
    const Outcome bad =
        dir.nflow({"check", "-m", cli::conditional_model(), "-", "--subset", "20"}, table);
    CHECK(bad.status == 1);
    CHECK(cli::is_failure(bad.err, {"102", "column 3 (c)", "'x'"}));
  }
}
