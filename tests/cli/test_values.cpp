#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "nflow/error.h"
#include "options/values.h"

using nflow::UsageError;
using nflow::app::parse_count;
using nflow::app::parse_duration;

TEST_SUITE("cli") {
  TEST_CASE("durations are seconds, units from large to small, or what a clock shows") {
    const auto seconds = [](const char* text) { return parse_duration("--x", text); };
    CHECK(seconds("90s") == 90);
    CHECK(seconds("20m") == 1200);
    CHECK(seconds("3h30m") == 12600);
    CHECK(seconds("1d12h") == 129600);
    CHECK(seconds("1.5h") == 5400);
    CHECK(seconds("10") == 10);
    CHECK(seconds("0.25") == 0.25);
    CHECK(seconds("00:10:00") == 600);
    CHECK(seconds("3:30:05") == 12605);
    CHECK(seconds("100:00:01") == 360001);
    CHECK(seconds("1-12:00:00") == 129600);
    CHECK_THROWS_WITH_AS(seconds("10:00"),
                         "--x: '10:00' is not a duration such as 90, 90s, 3h30m or 03:30:00",
                         UsageError);
  }

  TEST_CASE("whole numbers are exact in either spelling") {
    const std::uint64_t most = ~std::uint64_t{0};
    const auto count = [&](const char* text) { return parse_count("--x", text, 0, most); };
    CHECK(count("1e6") == 1000000);
    CHECK(count("1.5e3") == 1500);
    CHECK(count("0e0") == 0);
    CHECK(count("0012e1") == 120);
    CHECK(count("18446744073709551615") == most);
    CHECK(count("1.8446744073709551615e19") == most);
    CHECK_THROWS_WITH_AS(count("1.8446744073709551616e19"),
                         "--x: '1.8446744073709551616e19' is not at most 18446744073709551615",
                         UsageError);
    for (const char* wrong : {"1.5", "1e-1", "1.5e0", "e5", "1e", "1e5e5", "1 e5", "1e+", "-1e5",
                              "", "1..5e3", "1.5.5e3", "0x1e5"}) {
      CAPTURE(wrong);
      CHECK_THROWS_AS(count(wrong), UsageError);
    }
  }
}
