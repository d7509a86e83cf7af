#include <doctest/doctest.h>

#include <string>

#include "nflow/error.h"
#include "nflow/nearest.h"
#include "nflow/printable.h"

using nflow::brief;

namespace {

const std::size_t kLong = 7'000'000;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

TEST_SUITE("text") {
  TEST_CASE("a message of usual length stays as it is") {
    const std::string path = "/" + std::string(300, 'p') + "/t.csv";
    for (const std::string& text :
         {std::string(), std::string("'x"), path + ": no column 'b'; did you mean 'a'?",
          path + ": the model's column '" + std::string(150, 'c') + "' isn't here",
          "--exclude c" + std::string(150, 'c') + "," + std::string(150, 'd') +
              ",e leaves them out; " + path + ": 'it's' \"one\""}) {
      CHECK(brief(text) == text);
    }
  }

  TEST_CASE("a message has a line's worth of what it quotes, and its begin and end") {
    for (const std::string mark : {"'", "\""}) {
      const std::string text = brief("t.csv: no column " + mark + std::string(kLong, 'x') + mark +
                                     ", the model's; did you mean " + mark + "a" + mark + "?");
      CHECK(text.size() < 250);
      CHECK(text.compare(0, 22, "t.csv: no column " + mark + "xxxx") == 0);
      CHECK(ends_with(text,
                      "x..." + mark + ", the model's; did you mean " + mark + "a" + mark + "?"));
      CHECK(brief(text) == text);
    }
    for (const std::string& piece : {std::string("x"), std::string("'a b"), std::string("it's "),
                                     std::string("' '"), std::string("\xc3\xa9")}) {
      std::string text = "t.csv: ";
      while (text.size() < kLong) text += piece;
      const std::string out = brief(text + "; --na drops it");
      CAPTURE(piece);
      CHECK(out.size() <= 1500);
      CHECK(out.compare(0, 7, "t.csv: ") == 0);
      CHECK(ends_with(out, " --na drops it"));
      CHECK(nflow::is_utf8(out));
    }
  }

  TEST_CASE("errors are brief, whoever throws them") {
    const std::string text = "'" + std::string(kLong, 'x') + "' is none";
    CHECK(std::string(nflow::UsageError(text).what()).size() < 200);
    CHECK(std::string(nflow::Error(text).what()).size() < 200);
  }

  TEST_CASE("for a long text nobody looks for a near one") {
    const std::string text(1'000'000, 'a');  // a comparison of two takes an hour
    CHECK(nflow::nearest(text + "b", {text, text + "c", "a"}).empty());
  }
}
