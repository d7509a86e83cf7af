#include <doctest/doctest.h>

#include <cfloat>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "io/csv_text.h"

using nflow::CsvFormat;
using nflow::CsvHelp;
using namespace csv_text;

namespace {

std::uint64_t bits(double value) {
  std::uint64_t out = 0;
  std::memcpy(&out, &value, sizeof out);
  return out;
}

std::string printed(const char* format, int digits, double value) {
  char text[512];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

double number(const std::string& text) { return rows_of("x\n" + text + "\n").at(0).at(0); }

std::string shortest(double value) {
  std::string out;
  nflow::append_number(out, value);
  return out;
}

/// Doubles of every size: fixed seed, random bits.
class RandomDoubles {
 public:
  double operator()() {
    for (;;) {
      const std::uint64_t pattern = engine_();
      double value = 0;
      std::memcpy(&value, &pattern, sizeof value);
      if (std::isfinite(value)) return value;
    }
  }

 private:
  std::mt19937_64 engine_{20240229};
};

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv: the odd forms of numbers") {
    CHECK(number("+1.5") == 1.5);
    CHECK(number(" 7\t") == 7);
    CHECK(number(".5") == 0.5);
    CHECK(number("5.") == 5);
    CHECK(number("1E+3") == 1000);
    CHECK(number("0x1.8p1") == 3);
    CHECK(number("-0XFF") == -255);
    CHECK(bits(number("-0")) == bits(-0.0));
    CHECK(number("1e308") == 1e308);
    CHECK(number("4.9e-324") == std::numeric_limits<double>::denorm_min());
    CHECK(number("2.2250738585072011e-308") == 2.2250738585072011e-308);
    CHECK(number("1e-400") == 0);
    CHECK(bits(number("-1e-400")) == bits(-0.0));
    CHECK(number("0" + std::string(2000, '0') + "1" + std::string(300, '0')) == 1e300);
    CHECK(number("0." + std::string(300, '0') + "1e301") == 1);
  }

  TEST_CASE("csv: what is no number") {
    CsvFormat header;
    header.header = CsvFormat::Header::yes;
    for (const char* text :
         {"abc", "1.5x", "1e", "--1", "+-1", "1 2", "1_000", "0x", "e5", "0x1p", "1,5", "$3", "\v1",
          "\xC2\xA0"
          "1",
          "infin", "12:30", "TRUE"}) {
      CAPTURE(text);
      const std::string quoted = "\"" + std::string(text) + "\"";
      const std::string error = error_of("x\n" + quoted + "\n", header);
      CHECK(error.find("a.csv:2: column 1 (x): found '") == 0);
      CHECK(error.find("', expected a number") != std::string::npos);
    }
  }

  TEST_CASE("csv: infinities are refused") {
    for (const char* text : {"inf", "-inf", "+Inf", "INFINITY", "1e999", "-1e309", "0x1p5000"}) {
      CHECK(error_of(std::string("x,tip\n1,2\n3,") + text + "\n") ==
            std::string("a.csv:3: column 2 (tip): found '") + text + "', expected a finite number");
    }
  }

  TEST_CASE("csv: missing values are errors or drop their rows") {
    CsvFormat format;
    for (const char* text : {"NA", "na", "NaN", "nan", "NAN", "-nan", "+NaN", "nan(0)"}) {
      CHECK(error_of(std::string("x,tip\n1,2\n3, ") + text + "\n") ==
            std::string("a.csv:3: column 2 (tip): missing value '") + text + "'");
    }
    CHECK(error_of("x,tip\n1, \n") == "a.csv:2: column 2 (tip): missing value");

    format.na_tokens = {"?", " -999 ", "inf"};
    CHECK(error_of("x,tip\n1,-999\n", format) == "a.csv:2: column 2 (tip): missing value '-999'");
    format.missing = CsvFormat::Missing::drop;
    const Content a = parse("x,tip\n1,2\nNA,3\n?,4\n5, -999\n\"\",6\ninf,7\n-999.0,8\n", format);
    CHECK(a.rows == Rows{{1, 2}});  // a number is missing however it is spelt
    CHECK(a.line == Lines{2});
    CHECK(a.text == Names{"1,2"});
    CHECK(a.dropped == 6);
    // A row that is left out must still be a row of numbers.
    CHECK(error_of("x,tip\nNA,abc\n", format) ==
          "a.csv:2: column 2 (tip): found 'abc', expected a number");
    CHECK(rows_of("x\nNA\n", format).empty());
  }

  TEST_CASE("csv: missing values are kept, where they are asked for") {
    CsvFormat format;
    format.missing = CsvFormat::Missing::keep;
    format.na_tokens = {"-inf"};
    const Content a = parse("x,tip\n1,\nNA,4\n5,-inf\n", format);
    REQUIRE(a.rows.size() == 3);
    CHECK(a.rows[0][0] == 1);
    CHECK(std::isnan(a.rows[0][1]));
    CHECK(std::isnan(a.rows[1][0]));
    CHECK(a.rows[1][1] == 4);
    CHECK(a.rows[2][0] == 5);
    CHECK(std::isnan(a.rows[2][1]));
    CHECK(a.dropped == 0);
    CHECK(error_of("x,tip\n1,inf\n", format) ==
          "a.csv:2: column 2 (tip): found 'inf', expected a finite number");
  }

  TEST_CASE("csv: errors know what leaves out missing values, and columns of text") {
    CHECK(error_of("x,tip\n1,NA\n") == "a.csv:2: column 2 (tip): missing value 'NA'");
    CHECK(error_of("x,tip\n1,\n") == "a.csv:2: column 2 (tip): missing value");
    for (const char* missing : {"NA", ""}) {
      const CsvHelp help = help_of(std::string("x,tip\n1,") + missing + "\n");
      CHECK(help.kind == Help::missing);
      CHECK(columns_of(help) == Names{"2 tip"});
    }
    CHECK(is(help_of("x,tip\n1,2\n1,\n"), Help::missing));
    CHECK(is(help_of("x\nNA\n"), Help::missing));
    CHECK(error_of("x,tip\n1,abc\n") == "a.csv:2: column 2 (tip): found 'abc', expected a number");
    CHECK(help_of("x,tip\n1,abc\n").kind == Help::text_columns);
    CHECK(columns_of(help_of("x,tip\n1,abc\n")) == Names{"2 tip"});
    CHECK(columns_of(help_of("x,x\n1,abc\n")) == Names{"2 "});
    // All columns of text at once.
    const CsvHelp both = help_of("x,a,b,c\n1,p,2,q\n");
    CHECK(both.kind == Help::text_columns);
    CHECK(columns_of(both) == Names{"2 a", "4 c"});
    CHECK(help_of("a,b\np,q\n").empty());
    // Further down it is a slip, not a column of text.
    CHECK(error_of("x,tip\n1,2\n1,abc\n") ==
          "a.csv:3: column 2 (tip): found 'abc', expected a number");
    CHECK(help_of("x,tip\n1,2\n1,abc\n").empty());
    for (const char* mark : {"?", "--", "null"}) {
      const CsvHelp help = help_of(std::string("x,tip\n1,2\n1,") + mark + "\n");
      CHECK(help.kind == Help::mark_for_missing);
      CHECK(help.text == mark);
    }
  }

  TEST_CASE("csv: numbers with a point, where a comma is to be the decimal mark") {
    CsvFormat format;
    format.delimiter = ';';
    format.decimal = ',';
    CHECK(error_of("x;y\n1.5;2\n", format) ==
          "a.csv:2: column 1 (x): found '1.5', expected a number");
    CHECK(is(help_of("x;y\n1.5;2\n", format), Help::decimal, '.'));
    CHECK(is(help_of("x;y\n1.000,5;2\n", format), Help::thousands));
  }

  TEST_CASE("csv: numbers are rounded as strtod rounds them") {
    RandomDoubles next;
    std::mt19937 engine(1);
    std::string text = "x\n";
    std::vector<double> expected;
    for (int i = 0; i < 40'000; ++i) {
      const double value = next();
      const int digits = std::uniform_int_distribution<int>(0, 30)(engine);
      for (const std::string& form :
           {printed("%.*e", digits, value), printed("%.*g", 17, value), printed("%.*a", 13, value),
            printed("%.*a", digits / 3, value)}) {
        const double rounded = std::strtod(form.c_str(), nullptr);
        if (std::isinf(rounded)) continue;
        text += form + "\n";
        expected.push_back(rounded);
      }
    }
    const Rows rows = rows_of(text);
    REQUIRE(rows.size() == expected.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) wrong += bits(rows[i][0]) != bits(expected[i]);
    CHECK(wrong == 0);
  }

  TEST_CASE("csv: half-way cases, which need all digits") {
    for (const char* form :
         {"9007199254740993", "9007199254740993.0000000000000000000000000000000000000000000001",
          "1.00000000000000011102230246251565404236316680908203125",
          "1.00000000000000011102230246251565404236316680908203124",
          "1.00000000000000011102230246251565404236316680908203126", "2.4703282292062327e-324",
          "2.4703282292062328e-324", "1.7976931348623158e308"})
      CHECK(bits(number(form)) == bits(std::strtod(form, nullptr)));
  }

  TEST_CASE("csv: the user's locale does not matter") {
    const std::string before = std::setlocale(LC_ALL, nullptr);
    bool found = false;
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"})
      found = found || std::setlocale(LC_ALL, name) != nullptr;
    if (!found) MESSAGE("no locale with a decimal comma is installed");
    CHECK(number("1.5") == 1.5);
    CHECK(number("+1.5") == 1.5);
    CHECK(number("1e-320") == 1e-320);
    CHECK(shortest(1.5) == "1.5");
    std::setlocale(LC_ALL, before.c_str());
  }

  TEST_CASE("append_number: the shortest text that reads back") {
    CHECK(shortest(3) == "3");
    CHECK(shortest(0.1) == "0.1");
    CHECK(shortest(-0.0) == "-0");
    CHECK(shortest(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(shortest(std::copysign(std::nan(""), -1)) == "nan");
    CHECK(shortest(DBL_MAX) == "1.7976931348623157e+308");
    CHECK(shortest(5e-324) == "5e-324");

    RandomDoubles next;
    std::string text = "x\n";
    std::vector<double> values;
    for (int i = 0; i < 100'000; ++i) {
      values.push_back(next());
      nflow::append_number(text, values.back());
      text += '\n';
    }
    const Rows rows = rows_of(text);
    REQUIRE(rows.size() == values.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) wrong += bits(rows[i][0]) != bits(values[i]);
    CHECK(wrong == 0);
  }

  TEST_CASE("append_field: quotes where needed, and what is written is read") {
    const auto field = [](const std::string& text, char delimiter) {
      std::string out;
      nflow::append_field(out, text, delimiter);
      return out;
    };
    CHECK(field("tip", ',') == "tip");
    CHECK(field("my tip", ',') == "my tip");
    CHECK(field("a,b", ',') == "\"a,b\"");
    CHECK(field("a,b", ';') == "a,b");
    CHECK(field("say \"hi\"", ',') == "\"say \"\"hi\"\"\"");
    CHECK(field(" a", ',') == "\" a\"");
    CHECK(field("a\nb", ',') == "\"a\nb\"");
    CHECK(field("", ',') == "\"\"");
    const Names names{"a,b", "\"", "\"\"", "x y", "two\r\nlines", "tab\tin", "caf\xC3\xA9"};
    std::string header;
    for (const std::string& name : names) {
      if (!header.empty()) header += ',';
      nflow::append_field(header, name, ',');
    }
    CHECK(parse(header + "\n").names == names);
  }
}
