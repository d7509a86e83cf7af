#include <doctest/doctest.h>

#include "nflow/deadline.h"

using namespace nflow;

TEST_SUITE("deadline") {
  TEST_CASE("without a limit it never comes, whatever share is asked for") {
    const double endless = std::numeric_limits<double>::infinity();
    for (const Deadline& never : {Deadline(), Deadline::in(endless), Deadline().share(0.1)}) {
      CHECK(never.is_never());
      CHECK_FALSE(never.is_over());
      CHECK(never.passed() == 0);
      CHECK(never.remaining() == endless);
    }
  }

  TEST_CASE("a share of it comes sooner, and nothing is left once it is over") {
    const Deadline hour = Deadline::in(3600);
    CHECK_FALSE(hour.is_never());
    CHECK_FALSE(hour.is_over());
    CHECK(hour.remaining() <= 3600);
    CHECK(hour.remaining() > 3500);
    CHECK(hour.share(0.25).remaining() <= 900);
    CHECK(hour.share(0.25).share(0.5).remaining() <= 450);
    CHECK(hour.share(0.25).share(0.5).remaining() > 440);
    for (const Deadline& now : {Deadline::in(0), Deadline::in(-5), hour.share(0)}) {
      CHECK(now.is_over());
      CHECK(now.passed() == 1);
      CHECK(now.remaining() == 0);
    }
  }

  TEST_CASE("time passes, and only forward") {
    const Deadline soon = Deadline::in(0.01);
    double before = 0;
    while (!soon.is_over()) {
      const double passed = soon.passed();
      CHECK(passed >= before);
      before = passed;
    }
    CHECK(soon.remaining() == 0);
  }
}
