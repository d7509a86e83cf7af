#include <doctest/doctest.h>

#include <cmath>

#include "cli/trained.h"
#include "math/random.h"
#include "nflow/csv.h"
#include "sanitized.h"

// Columns with long tails, which train puts on a scale by itself.

namespace {

using cli::contains;
using cli::Outcome;
using cli::Workdir;

/// Two log-normal columns that hang together, and a normal one.
std::string table(int rows, std::uint64_t seed) {
  const nflow::Random random(seed, nflow::Purpose::cell);
  std::string text = "income,wealth,height\n";
  for (int i = 0; i < rows; ++i) {
    const auto z = random.normal_pair(static_cast<std::uint64_t>(i), 0);
    const double height = random.normal_pair(static_cast<std::uint64_t>(i), 1)[0];
    text += nflow::number_text(std::exp(1.2 * z[0])) + "," +
            nflow::number_text(50 * std::exp(z[0] + z[1])) + "," + nflow::number_text(height) +
            "\n";
  }
  return text;
}

/// The mean log p of rows of that law.
double truth(int rows, std::uint64_t seed) {
  const nflow::Random random(seed, nflow::Purpose::cell);
  double sum = 0;
  for (int i = 0; i < rows; ++i) {
    const auto z = random.normal_pair(static_cast<std::uint64_t>(i), 0);
    const double height = random.normal_pair(static_cast<std::uint64_t>(i), 1)[0];
    sum -= 0.5 * (z[0] * z[0] + z[1] * z[1] + height * height) + 1.5 * std::log(2 * M_PI) +
           std::log(1.2) + 1.2 * z[0] + std::log(50.0) + z[0] + z[1];
  }
  return sum / rows;
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("scales: long tails are told, shown, and as likely as they are") {
    Workdir dir;
    dir.write("t.csv", table(2000, 1));
    dir.write("new.csv", table(2000, 2));
    const Outcome outcome = dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "100"});
    REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
    CHECK_MESSAGE(contains(outcome.err, "t.csv: ASINH, a logarithm far out: income, wealth\n"),
                  outcome.err);
    CHECK(contains(dir.nflow({"info", "m.nflow"}).out, "on its scale, support ASINH["));
    const Outcome scored =
        dir.shell("\"$NFLOW\" logprob -m m.nflow new.csv | awk 'NR>1{s+=$1}END{print s/(NR-1)}'");
    CHECK(std::fabs(std::stod(scored.out) - truth(2000, 2)) < 0.03);
    const Outcome back = dir.shell(
        "\"$NFLOW\" sample -m m.nflow -n 500 >s.csv && \"$NFLOW\" transform -m m.nflow s.csv "
        ">z.csv "
        "&& \"$NFLOW\" transform -m m.nflow --inverse z.csv | paste -d, - s.csv | awk -F, "
        "'NR>1{for(j=1;j<=3;++j){e=($j-$(j+3))/(1e-9+($(j+3)<0?-$(j+3):$(j+3)));if(e<0)e=-e;"
        "if(e>w)w=e}}END{print w}'");
    CHECK_MESSAGE(std::stod(back.out) < 1e-2, back.out);
  }

  TEST_CASE("scales: not for columns that --support names, and not with --infer no" *
            nflow::testing::kLong) {
    Workdir dir;
    dir.write("t.csv", table(1500, 1));
    const Outcome named = dir.nflow(
        {"train", "t.csv", "-o", "m.nflow", "--max-steps", "2", "--support", "income=REAL"});
    REQUIRE_MESSAGE(named.status == 0, named.err);
    CHECK_MESSAGE(contains(named.err, "ASINH, a logarithm far out: wealth\n"), named.err);
    const Outcome none =
        dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "2", "--infer", "no"});
    REQUIRE_MESSAGE(none.status == 0, none.err);
    CHECK(!contains(none.err, "ASINH"));
    const Outcome own =
        dir.nflow({"train", "t.csv", "-o", "m.nflow", "--max-steps", "2", "--support",
                   "income=ASINH[0,0.01]", "--support", "wealth=POSITIVE"});
    REQUIRE_MESSAGE(own.status == 0, own.err);
    CHECK(!contains(own.err, "a logarithm far out"));
    CHECK(contains(dir.nflow({"info", "m.nflow"}).out, "support ASINH[0,0.01]"));
  }
}
