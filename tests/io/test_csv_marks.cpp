#include <doctest/doctest.h>

#include <string>

#include "io/csv_text.h"

using nflow::CsvFormat;
using nflow::CsvReader;
using namespace csv_text;

namespace {

CsvFormat semicolons(char decimal = ',') {
  CsvFormat format;
  format.delimiter = ';';
  format.decimal = decimal;
  return format;
}

CsvFormat comments(char mark = '#') {
  CsvFormat format;
  format.comment = mark;
  return format;
}

std::string appended(double value, char delimiter, char decimal) {
  std::string text;
  nflow::append_number(text, value, delimiter, decimal);
  return text;
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv: decimal commas") {
    CHECK(rows_of("a;b;c\n1,5;-2;+,25e1\n\"0,1\"; 1E-2 ;1,\n", semicolons()) ==
          Rows{{1.5, -2, 2.5}, {0.1, 0.01, 1}});
    CHECK(rows_of("0x1,8p1\n", semicolons()) == Rows{{3}});
    CHECK_FALSE(parse("1,5;2,5\n3;4\n", semicolons()).has_header);
    // A point may stand between thousands.
    for (const char* text : {"1.5", "1.234,5", "1,234,5", "1.", "1,5.", "nan,", ",", "1,5e2,5"}) {
      CHECK(error_of(std::string("a;b\n1;") + text + "\n", semicolons()) ==
            std::string("a.csv:2: column 2 (b): found '") + text + "', expected a number");
    }
    CHECK(error_of("a;b\n1;inf\n", semicolons()) ==
          "a.csv:2: column 2 (b): found 'inf', expected a finite number");
    CHECK(error_of("a;b\n1;NA\n", semicolons()) == "a.csv:2: column 2 (b): missing value 'NA'");
    // With commas between the fields, numbers in quotes may have them too.
    CsvFormat both;
    both.decimal = ',';
    CHECK(rows_of("a,b\n\"1,5\",2\n", both) == Rows{{1.5, 2}});
  }

  TEST_CASE("csv: numbers are written with decimal commas") {
    CHECK(appended(-1.5, ';', ',') == "-1,5");
    CHECK(appended(1e300, ';', ',') == "1e+300");
    CHECK(appended(0.25, ',', ',') == "\"0,25\"");
    CHECK(appended(2, ',', ',') == "2");
    CHECK(appended(1.5, ',', '.') == "1.5");
  }

  TEST_CASE("csv: comments are left out, before the header too") {
    const Content a = parse("# made by hand\n\n  # twice\na,b\n#1,2\n3,4\n# the end\n", comments());
    CHECK(a.names == Names{"a", "b"});
    CHECK(a.rows == Rows{{3, 4}});
    CHECK(a.line == Lines{6});
    CHECK(parse("%x\n1,2\n", comments('%')).names == Names{"x1", "x2"});
    // Not behind the beginning of a line, nor in quotes.
    CHECK(error_of("a,b\n1,2 # two\n", comments()) ==
          "a.csv:2: column 2 (b): found '2 # two', expected a number");
    CHECK(parse("a,b\n\"#1\",2\n",
                [] {
                  CsvFormat format = comments();
                  format.header = CsvFormat::Header::yes;
                  format.na_tokens = {"#1"};
                  format.missing = CsvFormat::Missing::drop;
                  return format;
                }())
              .dropped == 1);
    CHECK(error_of("a,b\n1,\"2\n#3\n\"\n", comments()) ==
          "a.csv:2: column 2 (b): found '2\\n#3\\n', expected a number");
    CHECK(error_of("# nothing\n", comments()) == "a.csv: the file is empty");
    // Without the option they are what they are.
    CHECK(parse("# a,b\n1,2\n").names == Names{"# a", "b"});
    // In a column they do not stand for a value, as blank lines do.
    CHECK(rows_of("a\n1\n# one\n2\n#\n", comments()) == Rows{{1}, {2}});
  }

  TEST_CASE("csv: marks that cannot be") {
    CHECK_THROWS_AS(parse("a,b\n", comments(',')), nflow::UsageError);
    CHECK_THROWS_AS(parse("a,b\n", semicolons('"')), nflow::UsageError);
  }

  TEST_CASE("csv: errors know the delimiter or the decimal mark that would help") {
    CHECK(error_of("a;b\n1;2\n") == "a.csv:2: column 1 (a;b): found '1;2', expected a number");
    CHECK(is(help_of("a;b\n1;2\n"), Help::delimiter, ';'));
    CHECK(is(help_of("a\tb\n1\t2\n"), Help::delimiter, '\t'));
    CHECK(is(help_of("a|b|c\n1|2|3\n"), Help::delimiter, '|'));
    CHECK(is(help_of("a b\n1 2\n"), Help::delimiter, nflow::kBlanks));
    CHECK(is(help_of("a,b\n1,2\n", semicolons('.')), Help::delimiter, ','));
    // Two fields where one was expected.
    CHECK(is(help_of("a;b\n1,5;2,5\n"), Help::delimiter, ';'));
    CHECK(is(help_of("1,5;2,5\n3,5;4,5\n"), Help::delimiter, ';'));
    CHECK(is(help_of("a;b\n1,5;2,5\n", semicolons('.')), Help::decimal, ','));
    CHECK(is(help_of("a,b\n\"1,5\",2\n"), Help::decimal, ','));
    // No delimiter and no decimal mark makes these numbers.
    CHECK(is(help_of("a;b\n1;1.000,5\n", semicolons(',')), Help::thousands));
    CHECK(is(help_of("a;b\n1;1.000\n", semicolons(',')), Help::thousands));
    CHECK(is(help_of("a,b\n1,\"-1,234,567.5\"\n"), Help::thousands));
    CHECK(help_of("a;b\n1;2\n1;1.00,5\n", semicolons(',')).empty());
    // Text is text.
    for (const char* text : {"a,b\n1,2\n1,x;y\n", "a,b\n1,2\n1,12:30\n", "a,b\n1,2\n1,1 234\n",
                             "a\nx y\n", "a,b\n1,2\n1,;\n", "a b\n1\nx\n"}) {
      CHECK(help_of(text).empty());
    }
  }

  TEST_CASE("csv: a version is no number with marks between thousands") {
    CsvFormat format;
    format.doubts_labels = true;
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "v,n\n1.0.0,1\n2.10.3,2\n"), format);
    reader.set_columns({nflow::CsvColumn::either, nflow::CsvColumn::number});
    CHECK(read_all(reader).rows.size() == 2);
  }

  TEST_CASE("csv: a first line that may be a comment") {
    const std::string expected = "a.csv:2: 2 fields where 1 was expected";
    CHECK(error_of("# made by hand; twice\na,b\n1,2\n") == expected);
    CHECK(is(help_of("# made by hand; twice\na,b\n1,2\n"), Help::comment, '#'));
    CHECK(help_of("# a\n1\nx\n").empty());
    CHECK(error_of("%\na,b\n1,2\n") == expected);
    CHECK(help_of("%\na,b\n1,2\n").kind == Help::short_header);
    const ScratchFolder folder;
    const CsvReader reader(folder.write("a.csv", "#a,b\n1,2\n"), {});
    CHECK(is(reader.first_line_help(), Help::comment, '#'));
  }

  TEST_CASE("csv: lines that end in a carriage return alone") {
    const Content a = parse("a,b\r1,2\r3,4\r");
    CHECK(a.names == Names{"a", "b"});
    CHECK(a.rows == Rows{{1, 2}, {3, 4}});
    CHECK(a.line == Lines{2, 3});
    CHECK(rows_of("1,2\r3,4") == Rows{{1, 2}, {3, 4}});
    CHECK(error_of("a,b\r1,2\rx,4\r") == "a.csv:3: column 1 (a): found 'x', expected a number");
    CHECK(parse("\"a\rb\",c\n1,2\n").names == Names{"a\rb", "c"});
  }

  TEST_CASE("csv: the delimiter of a file that seems to have one column") {
    const ScratchFolder folder;
    const auto help = [&](const std::string& text) {
      return CsvReader(folder.write("a.csv", text), {}).first_line_help();
    };
    CHECK(is(help("a;b;c|d\n1;2;3|4\n"), Help::delimiter, ';'));
    CHECK(help("a,b;c\n").empty());
    CHECK(help("a b\n").empty());
    CHECK(help("\"a;b\"\n1\n").empty());
  }
}
