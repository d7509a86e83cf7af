#include <doctest/doctest.h>

#include "cli/cli.h"

#ifdef NFLOW_FAILING_MALLOC

TEST_SUITE("cli") {
  TEST_CASE("an allocation that fails, before main too, ends with one line and a status") {
    cli::Workdir dir;
    dir.write("t.csv", cli::table("ab", 20));
    int failed = 0;
    for (const char* words : {"--version", "train t.csv -o m.nflow --max-steps x", "complete tr"}) {
      for (int at = 1; at < 130; ++at) {
        const cli::Outcome result =
            dir.shell("NFLOW_TEST_FAILS_AT=" + std::to_string(at) +
                      " LD_PRELOAD=" NFLOW_FAILING_MALLOC " exec \"$NFLOW\" " + words);
        CAPTURE(words);
        CAPTURE(at);
        CAPTURE(result.err);
        REQUIRE(result.status <= 2);
        if (result.status == 1) CHECK(cli::is_failure(result.err, {"out of memory"}));
        failed += result.status == 1 ? 1 : 0;
      }
    }
    CHECK(failed > 30);
  }
}

#endif
