#include <doctest/doctest.h>

#include "nflow/printable.h"

using nflow::joined;
using nflow::printable;
using nflow::shown;

TEST_SUITE("text") {
  TEST_CASE("a text is shown in full, and printable to a limit") {
    const std::string text = "a\tb\x1b[31m" + std::string(50, 'x');
    CHECK(shown(text) == "a\\tb\\x1b[31m" + std::string(50, 'x'));
    CHECK(printable(text) == shown(text).substr(0, 40) + "...");
    CHECK(shown("").empty());
  }

  TEST_CASE("lists are joined, of texts and of numbers") {
    CHECK(joined(std::vector<std::string>{}).empty());
    CHECK(joined({"a"}) == "a");
    CHECK(joined({"a", "", "c"}) == "a, , c");
    CHECK(joined(std::vector<std::string>{"a", "b"}, ",") == "a,b");
    CHECK(joined(std::vector<std::ptrdiff_t>{64, -1, 0}, "|") == "64|-1|0");
  }
}
