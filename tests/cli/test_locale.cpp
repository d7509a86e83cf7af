#include <doctest/doctest.h>

#include "cli/cli.h"

namespace {

using cli::Outcome;
using cli::Workdir;

/// Trains, scores, samples, transforms, looks and configures; all output and all files in one text.
const char* const kSession = R"(set -e
"$NFLOW" train t.csv -o m.nflow --history h.csv --flow actnorm,nsf-cl:tail-bound=2.5:hidden=8 \
  --learning-rate 0.0125 --max-steps 20 --support 'a=[-9.5,9.5]' -v 2> log.txt
sed -i 's/, [0-9.]* s)$//' log.txt
cut -d, -f1-5 h.csv > history.csv
rm h.csv
"$NFLOW" logprob -m m.nflow t.csv --append -o scored.csv
"$NFLOW" logprob -m m.nflow t.csv --summary
"$NFLOW" sample -m m.nflow -n 5 --seed 1 --temperature 0.5
"$NFLOW" transform -m m.nflow t.csv | "$NFLOW" transform -m m.nflow --inverse
"$NFLOW" info m.nflow
"$NFLOW" info m.nflow --json
"$NFLOW" train t.csv -o m.nflow --learning-rate 0.5 --print-config
"$NFLOW" train t.csv -o m.nflow --learning-rate 0,5 2>&1 || echo $?
cksum *
)";

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("a locale with decimal commas changes no byte") {
    const Workdir dir;
    const Outcome made =
        dir.shell("mkdir locales && localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8");
    if (made.status != 0) {
      MESSAGE("skipped: localedef cannot make de_DE.UTF-8 (Debian: locales)");
      return;
    }
    const std::string german = "export LC_ALL=de_DE.UTF-8 LOCPATH='" + dir.path("locales") + "'\n";
    REQUIRE(dir.shell(german + "/usr/bin/printf %.1f 0,5").out == "0,5");
    const auto session = [](const std::string& locale) {
      const Workdir here;
      here.write("t.csv", cli::table("ab", 100));
      const Outcome outcome = here.shell(locale + kSession);
      CHECK_MESSAGE(outcome.status == 0, outcome.err);
      return outcome.out + outcome.err;
    };
    const std::string plain = session("export LC_ALL=C\n");
    CHECK(cli::contains(plain, "'0,5' is not a number"));
    CHECK(session(german) == plain);
  }
}
