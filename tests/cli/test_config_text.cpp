#include <doctest/doctest.h>

#include <algorithm>

#include "nflow/error.h"
#include "options/config_text.h"

namespace {

using nflow::app::append_setting;
using nflow::app::parse_settings;
using nflow::app::Setting;

/// "line:key=value|" of each setting.
std::string read(const std::string& text) {
  std::string list;
  for (const Setting& setting : parse_settings(text, "job.conf")) {
    list += std::to_string(setting.line) + ":" + setting.key + "=" + setting.value + "|";
  }
  return list;
}

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const nflow::UsageError& problem) {
    return problem.what();
  }
  return "none";
}

}  // namespace

TEST_SUITE("cli") {
  TEST_CASE("a configuration is lines of key = value") {
    CHECK(read("") == "");
    CHECK(read("a=1") == "1:a=1|");
    CHECK(read("a = 1\nb\t=\t2 3 \n") == "1:a=1|2:b=2 3|");
    CHECK(read("\n  a = x=y\r\n\r\n b=\\t\r\n") == "2:a=x=y|4:b=\\t|");
    CHECK(read("\xef\xbb\xbf"
               "a = 1\n") == "1:a=1|");
    CHECK(read("a = 1\na = 2\n") == "1:a=1|2:a=2|");
  }

  TEST_CASE("comments of a configuration begin a line or stand behind a blank") {
    CHECK(read("# a = 1\n  #\n#b\na = 1 # one\nb = x#y\t#=\n") == "4:a=1|5:b=x#y|");
  }

  TEST_CASE("a quoted value of a configuration is taken as it stands") {
    CHECK(read("a = \" x # \"  # comment\nb = \"\"\n") == "1:a= x # |2:b=|");
    CHECK(read("a = \"say \"\"so\"\"\"\nb = 1") == "1:a=say \"so\"|2:b=1|");
    CHECK(read("a = \"1\n\n# 3\"\nb = \"\n\"\nc=1") == "1:a=1\n\n# 3|4:b=\n|6:c=1|");
  }

  TEST_CASE("what is no line of a configuration is refused by file and line") {
    CHECK(refusal("a = 1\nepochs 5\n") == "job.conf:2: found 'epochs 5', expected key = value");
    CHECK(refusal("# \n= 5") == "job.conf:2: found '= 5', expected key = value");
    CHECK(refusal("a # = 5").rfind("job.conf:1: found 'a # = 5'", 0) == 0);
    CHECK(refusal("\na =\n").rfind("job.conf:2: no value for 'a'", 0) == 0);
    CHECK(refusal("na = #N/A").rfind("job.conf:1: no value for 'na'", 0) == 0);
    CHECK(refusal("a = \"1\" 2") == "job.conf:1: found '2' behind a quoted value");
    CHECK(refusal("b = 1\na = \"1\n2\n") == "job.conf:2: a quoted value that does not end");
    CHECK(refusal(std::string(1000, 'x')).size() < 200);
    CHECK(refusal("\x1b[2J") == "job.conf:1: found '\\x1b[2J', expected key = value");
  }

  TEST_CASE("what is written as a configuration is read back, whatever it is") {
    const std::string letters = "ab= \t\r\n\"#\\'\xc3";
    std::vector<std::string> values{""};
    for (std::size_t first = 0; first < values.size() && values.size() < 3000; ++first) {
      for (const char c : letters) values.push_back(values[first] + c);
    }
    std::string text, expected;
    std::size_t line = 1;
    for (const std::string& value : values) {
      append_setting(text, "key", value);
      expected += std::to_string(line) + ":key=" + value + "|";
      line += 1 + static_cast<std::size_t>(std::count(value.begin(), value.end(), '\n'));
    }
    CHECK(read(text) == expected);
  }
}
