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

  TEST_CASE("UTF-8 is told from what is none") {
    for (const char* text :
         {"", "a", "gr\u00f6\u00dfe", "\u20ac", "\U0001f600", "\xf4\x8f\xbf\xbf"}) {
      CHECK(nflow::is_utf8(text));
      CHECK(shown(text) == text);
    }
    // Latin-1, a character cut short, overlong forms, half a pair, beyond the last.
    for (const char* text : {"gr\xf6\xdf"
                             "e",
                             "\xe2\x82", "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80",
                             "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
      CHECK_FALSE(nflow::is_utf8(text));
      CHECK(shown(text).find("\\x") != std::string::npos);
    }
  }

  TEST_CASE("what nobody sees is shown by its number") {
    CHECK(nflow::printable("\xEF\xBB\xBF"
                           "2.5") == "\\ufeff2.5");
    CHECK(nflow::printable("a\xE2\x80\x8B"
                           "b\xC2\xAD") == "a\\u200bb\\u00ad");
  }

  TEST_CASE("what a terminal acts upon is escaped, and all else is shown") {
    // C1, DEL, marks of direction, and line separators.
    for (const char* text :
         {"\u009b2J", "\x7f", "\u202eevil", "\u2066", "\u200f", "\u061c", "\u2028"}) {
      CAPTURE(text);
      CHECK(shown(text).rfind("\\x", 0) == 0);
      CHECK(nflow::shown_json('"' + std::string(text) + '"').rfind("\"\\u", 0) == 0);
    }
    CHECK(nflow::shown_json("{\"a\u202e\u009b\x7f\": 1}") == "{\"a\\u202e\\u009b\\u007f\": 1}");
    for (const char* text :
         {"\u00a0", "\u00e4", "\u202f", "\u2065", "\u0627\u0644", "\U0001f600", "~"}) {
      CHECK(shown(text) == text);
      CHECK(nflow::shown_json(text) == text);
      CHECK_FALSE(nflow::has_controls(text));
    }
    for (const std::string& text : {std::string("a\0", 2), std::string("a\nb"), std::string("\x7f"),
                                    std::string("\u009b"), std::string("\xff")}) {
      CHECK(nflow::has_controls(text));
    }
  }

  TEST_CASE("lists are joined, of texts and of numbers") {
    CHECK(joined(std::vector<std::string>{}).empty());
    CHECK(joined({"a"}) == "a");
    CHECK(joined({"a", "", "c"}) == "a, , c");
    CHECK(joined(std::vector<std::string>{"a", "b"}, ",") == "a,b");
    CHECK(joined(std::vector<std::ptrdiff_t>{64, -1, 0}, "|") == "64|-1|0");
  }
}
