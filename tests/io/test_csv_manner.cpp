#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <thread>

#include "io/csv_text.h"
#include "io/pipe.h"

using nflow::CsvFormat;
using nflow::CsvHelp;
using nflow::CsvManner;
using nflow::CsvReader;
using nflow::NumberStyle;
using namespace csv_text;

// What the reader finds of a file's manner by itself.

namespace {

CsvFormat finding() {
  CsvFormat format;
  format.find = format.find_delimiter = format.find_decimal = true;
  format.missing = CsvFormat::Missing::keep;
  return format;
}

struct Found {
  Content content;
  CsvManner manner;
  CsvFormat format;
};

Found find(const std::string& text, const CsvFormat& format = finding()) {
  const ScratchFolder folder;
  CsvReader reader(folder.write("a.csv", text), format);
  Found found;
  found.content = read_all(reader);
  found.manner = reader.manner();
  found.format = reader.format();
  return found;
}

/// The names of the columns of a table that may have text.
Names opened(const std::string& text) {
  const ScratchFolder folder;
  return CsvReader(folder.write("a.csv", text), finding()).names();
}

Rows rows_found(const std::string& text) { return find(text).content.rows; }
Names names_found(const std::string& text) { return opened(text); }

/// The values of a column x, and how they were read.
struct Column {
  std::vector<double> values;
  NumberStyle style = NumberStyle::plain;
};

Column column(const std::vector<std::string>& texts, char delimiter = ',') {
  std::string table = std::string("x") + delimiter + "n\n";
  for (const std::string& text : texts) table += text + delimiter + "1\n";
  const Found found = find(table);
  Column column;
  for (const auto& row : found.content.rows) column.values.push_back(row[0]);
  if (!found.manner.styles.empty()) column.style = found.manner.styles[0].second;
  return column;
}

std::string times(int count, const std::string& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line;
  return text;
}

using Values = std::vector<double>;

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv manner: delimiters") {
    CHECK(rows_found("a b\n1  2\n3  5\n") == Rows{{1, 2}, {3, 5}});
    CHECK(rows_found("  a\tb  \n  1 \t 2  \n") == Rows{{1, 2}});
    CHECK(rows_found("a;b\n1,5;2\n") == Rows{{1.5, 2}});
    CHECK(rows_found("1,5;2,5\n3,5;4,5\n") == Rows{{1.5, 2.5}, {3.5, 4.5}});
    CHECK(rows_found("a\tb\n1\t2\n") == Rows{{1, 2}});
    CHECK(rows_found("1 2 3\n4 5 6\n") == Rows{{1, 2, 3}, {4, 5, 6}});
    const auto cars =
        opened("18.0   8   307.0\t\"chevrolet malibu\"\n15.0   8   350.0\t\"buick\"\n");
    CHECK(cars == Names{"x1", "x2", "x3", "x4"});
    CHECK(names_found("city\nNew York\nLos Angeles\n") == Names{"city"});
    const Found named = find("\"a\" \"b\"\n1 1.5 2\n2 3 4\n");  // as R writes names of rows
    CHECK(named.content.names == Names{"unnamed1", "a", "b"});
    CHECK(named.content.rows == Rows{{1, 1.5, 2}, {2, 3, 4}});
    CHECK(names_found("first name,b\nJohn 3,1\nAnn 4,2\n") == Names{"first name", "b"});
  }

  TEST_CASE("csv manner: blanks part numbers among which one text stands for missing") {
    const std::string buoy = "YY WDIR WVHT TIDE\n2026 MM 1.5 MM\n2026 20 MM MM\n2026 30 MM MM\n";
    CHECK(names_found(buoy) == Names{"YY", "WDIR", "WVHT", "TIDE"});
    CHECK(names_found("day with text\n1 a b\n2 c d\n3 e f\n").size() == 1);
  }

  TEST_CASE("csv manner: blanks may part thousands") {
    CHECK(rows_found("a\n10 000\n20 000\n") == Rows{{10000}, {20000}});
    CHECK(error_of("10 000\n20 000\n", finding()) ==
          "a.csv:1: found '10 000', which is one number with blanks between its thousands, or 2 "
          "numbers");
    CHECK(is(help_of("10 000\n20 000\n", finding()), Help::blanks));
    CHECK(rows_found("a b\n10 000\n20 000\n") == Rows{{10, 0}, {20, 0}});
  }

  TEST_CASE("csv manner: comments, and names in them") {
    const Found made = find("# made by probe 7\n# 2026-01-01\nx,y\n1,2\n3,4\n# note\n5,1\n");
    CHECK(made.content.names == Names{"x", "y"});
    CHECK(made.content.rows == Rows{{1, 2}, {3, 4}, {5, 1}});
    CHECK(made.manner.comment);
    CHECK(made.manner.titles == 0);
    const Found named = find("# a b\n1 2\n3 4\n");
    CHECK(named.content.names == Names{"a", "b"});
    CHECK(named.content.header == "a b");
    CHECK(named.content.rows == Rows{{1, 2}, {3, 4}});
    CHECK(named.content.line == Lines{2, 3});
    const Found buoy = find("#YY  MM WSPD GST\n#yr  mo m/s m/s\n2019 01  2.5 3\n2019 02  3.5 4\n");
    CHECK(buoy.content.names == Names{"YY", "MM", "WSPD", "GST"});
    CHECK(buoy.content.rows.size() == 2);
    CHECK(names_found("#,a,b\n1,2,3\n") == Names{"#", "a", "b"});
  }

  TEST_CASE("csv manner: lines above the table") {
    const Found means = find("Means, made 20220402\nyear;a;b\n1881;1.5;2\n1882;2.5;3\n");
    CHECK(means.content.names == Names{"year", "a", "b"});
    CHECK(means.content.line == Lines{3, 4});
    CHECK(means.manner.titles == 1);
    const Found apart = find("A title\n\nand more\n\na,b\n1,2\n3,4\n");
    CHECK(apart.content.names == Names{"a", "b"});
    CHECK(apart.manner.titles == 4);
    const Found logger = find(
        "\"TOA5\",\"CR1\",\"x\"\n\"TIME\",\"N\",\"v\"\n\"TS\",\"RN\",\"volts\"\n\"\",\"\",\"Smp\"\n"
        "\"2020-01-01 00:00:00\",0,12.5\n\"2020-01-01 12:00:00\",1,12.7\n");
    CHECK(logger.content.names == Names{"TIME", "N", "v"});
    CHECK(logger.manner.units == 2);
    CHECK(logger.content.rows == Rows{{18262, 0, 12.5}, {18262.5, 1, 12.7}});
    // One name too few is no title.
    CHECK(error_of("a,b\n1,2,3\n4,5,6\n", finding()) == "a.csv:2: 3 fields where 2 were expected");
    CHECK(is(help_of("a,b\n1,2,3\n4,5,6\n", finding()), Help::short_header));
    const CsvHelp help = help_of("a,b\n1,2,3\n4,5\n", finding());
    CHECK(is(help, Help::other_count));
    CHECK(help.first_row);
    CsvFormat told = finding();
    told.skip = 2;
    told.finds_titles = false;
    CHECK(find("junk,a,b\nmore\na,b\n1,2\n", told).content.names == Names{"a", "b"});
  }

  TEST_CASE("csv manner: units, headers again, byte order marks inside") {
    const Found units = find("x,y\nm,s\n1,2\n3,4\n5,7\n");
    CHECK(units.content.rows == Rows{{1, 2}, {3, 4}, {5, 7}});
    CHECK(units.manner.units == 1);
    CsvFormat none = finding();
    none.units = 0;
    CHECK(error_of("x,y\nm,s\n1,2\n", none).find("a.csv:2: column 1 (x): found 'm'") == 0);
    CHECK(error_of("x,y\n?,?\n1,2\n", finding()).empty());
    const Found twice = find("\xEF\xBB\xBFx,y\nm,s\n1,2.5\n\xEF\xBB\xBFx,y\nm,s\n3,4\n");
    CHECK(twice.content.rows == Rows{{1, 2.5}, {3, 4}});
    CHECK(twice.content.line == Lines{3, 6});
    CHECK(twice.manner.headers == 1);
    CHECK(rows_found("x\n1\n2\nx\n3\n") == Rows{{1}, {2}, {3}});
    CHECK(rows_found("1,2\n\xEF\xBB\xBF"
                     "3,4\n") == Rows{{1, 2}, {3, 4}});
  }

  TEST_CASE("csv manner: empty fields at the end of each line") {
    const Found air = find("a;b;;\n1,5;2;;\n2,5;3;;\n;;;\n;;;\n");
    CHECK(air.content.names == Names{"a", "b"});
    CHECK(air.content.rows == Rows{{1.5, 2}, {2.5, 3}});
    CHECK(air.manner.trailing == 2);
    CHECK(air.manner.empty_rows == 2);
    CHECK(find("a,b\n1,2,\n2,3,\n").content.rows == Rows{{1, 2}, {2, 3}});
    CHECK(find("a,b,\n1,2\n2,3\n").content.names == Names{"a", "b"});
    CHECK(error_of("a,b\n1,2,\n2,3,\n4,5,6\n", finding()) ==
          "a.csv:2: 3 fields where 2 were expected");
    CHECK(names_found("a,,c\n1,2,3\n") == Names{"a", "unnamed2", "c"});
  }

  TEST_CASE("csv manner: a line at the end that is no row") {
    for (const char* end : {"Total of 2 rows", "#end"}) {
      CHECK(error_of(std::string("a,b\n1,2\n3,4\n") + end + "\n", finding()) ==
            "a.csv:4: 1 field where 2 were expected");
    }
    const CsvHelp help = help_of("a,b\n1,2\n3,4\nTotal of 2 rows\n", finding());
    CHECK(is(help, Help::other_count));
    CHECK_FALSE(help.first_row);
    CHECK(is(help_of("a,b\n1,2\n3,4\n#end\n", finding()), Help::comment_row, '#'));
  }

  TEST_CASE("csv manner: a letter is no table") {
    for (const char* letter :
         {"Dear Sir,\nI write, as you may know, since it rains.\nYours, A\n",
          "Dear Sir\nI write to you since, as you know, it has rained here.\nYours truly, A\n"}) {
      CHECK(is(help_of(letter, finding()), Help::no_table));
    }
    // A line of words in a table, and words in a table that another delimiter parts.
    for (const char* rows : {"1,2\n", "1,2\n3,4\n"}) {
      const std::string table = std::string("a,b\n") + rows;
      CHECK(is(help_of(table + "This is the end\n", finding()), Help::other_count));
      CHECK(is(help_of(table + "# this is the end\n", finding()), Help::comment_row, '#'));
    }
    CHECK(is(help_of("a b;c\nit, may be;rain\nit may rain;snow\n", CsvFormat()), Help::delimiter,
             ';'));
  }

  TEST_CASE("csv manner: names are trimmed, and may be in Latin-1") {
    CHECK(names_found("\"z \",\" y\"\n1,2\n") == Names{"z", "y"});
    const Found latin = find("caf\xE9,\x80\n1,2\n");
    CHECK(latin.content.names == Names{"caf\xC3\xA9", "\xE2\x82\xAC"});
    CHECK(latin.manner.latin1);
  }

  TEST_CASE("csv manner: numbers of Fortran, with marks between thousands, percent, money") {
    Column read = column({"1.5D+03", "-2d-1", "7"});
    CHECK(read.values == Values{1500, -0.2, 7});
    CHECK(read.style == NumberStyle::fortran);
    read = column({"\"10,000\"", "\"-1,234,567.5\"", "900"});
    CHECK(read.values == Values{10000, -1234567.5, 900});
    CHECK(read.style == NumberStyle::thousands);
    CHECK(column({"10 000", "2 000 000", "1'000"}).values == Values{10000, 2000000, 1000});
    CHECK(column({"1.234.567", "1.234,5"}, ';').values == Values{1234567, 1234.5});
    read = column({"12 %", "7.5%"});
    CHECK(read.values == Values{12, 7.5});
    CHECK(read.style == NumberStyle::percent);
    read = column({"$5", "-$1.5", "($2)", "\"$1,300\"", "0"});
    CHECK(read.values == Values{5, -1.5, -2, 1300, 0});
    CHECK(read.style == NumberStyle::currency);
    CHECK(column({"TRUE", "FALSE"}).values == Values{1, 0});
  }

  TEST_CASE("csv manner: columns that disagree are not read so") {
    const auto refused = [](const std::vector<std::string>& texts, const std::string& found,
                            char delimiter = ',') {
      std::string table = std::string("x") + delimiter + "n\n";
      for (const std::string& text : texts) table += text + delimiter + "1\n";
      const std::string error = error_of(table, finding());
      CHECK_MESSAGE(error.find("column 1 (x): found '" + found + "'") != error.npos, error);
    };
    refused({"12 %", "7"}, "12 %");
    refused({"$5",
             "\xE2\x82\xAC"
             "7"},
            "$5");
    refused({"$5", "7"}, "$5");
    refused({"\"1,234\"", "1500"}, "1,234");
    refused({"1,234", "2,345"}, "1,234", ';');
    refused({"0,123", "0,125"}, "0,123", ';');
    refused({"TRUE", "2"}, "TRUE");
    refused({"1D5D2"}, "1D5D2");
    CsvFormat told = finding();
    told.thousands = ',';
    CHECK(find("x;n\n1,234;1\n2,345;1\n", told).content.rows == Rows{{1234, 1}, {2345, 1}});
    const CsvHelp help = help_of("a;b\n1,234;2\n", finding());
    CHECK(help.kind == Help::comma);
    CHECK(help.text == "1.234");
    CHECK(help.joined == "1234");
  }

  TEST_CASE("csv manner: what comes later must agree with the first rows") {
    std::string table = "x\n";
    for (int i = 0; i < 20000; ++i) table += "12 %\n";
    CHECK(error_of(table + "12\n", finding()) ==
          "a.csv:20002: column 1 (x): found '12', expected a number");
    CHECK(is(help_of(table + "12\n", finding()), Help::other_style));
  }

  TEST_CASE("csv manner: dates are days") {
    const Column read = column({"1970-01-01", "2020-02-29", "2020-01-01T12:00:00", "1969-12-31",
                                "2020-01-01 06:00", "2000-01-01T00:00:00Z"});
    CHECK(read.values == Values{0, 18321, 18262.5, -1, 18262.25, 10957});
    CHECK(read.style == NumberStyle::date);
    for (const char* bad :
         {"2021-02-29", "2020-13-01", "2020-1-01", "2020-01-01T24:00", "2020-01-01x", "20-01-01"}) {
      const std::string error = error_of("x,n\n" + std::string(bad) + ",1\n", finding());
      CHECK_MESSAGE(error.find("found '" + std::string(bad)) != error.npos, bad);
    }
  }

  TEST_CASE("csv manner: marks for missing among numbers") {
    for (const char* mark : {"#N/A", "\\N", "<NA>", "#DIV/0!", "N/A", "null", "NULL", "?", ".", "-",
                             "1.#IND", "-1.#QNAN"}) {
      const Rows rows = rows_found(std::string("x,n\n1,1\n") + mark + ",2\n3,3\n");
      REQUIRE(rows.size() == 3);
      CHECK(std::isnan(rows[1][0]));
    }
    CHECK(find("x,n\n1,1\n?,2\n").manner.marks == Names{"?"});
    CHECK(is(help_of("x,n\n1,1\n?,2\n" + times(300, "3,3\n") + "high,4\n", finding()),
             Help::not_missing));
    CHECK_FALSE(find("?,1\n1,2\n").content.has_header);
    CHECK(error_of("x,n\n-1.#INF,1\n", finding()) ==
          "a.csv:2: column 1 (x): found '-1.#INF', expected a finite number");
  }

  TEST_CASE("csv manner: a column of either kind keeps its labels") {
    const auto read = [](const std::string& text) {
      const ScratchFolder folder;
      CsvReader reader(folder.write("a.csv", text), finding());
      reader.set_columns({nflow::CsvColumn::either});
      reader.keep_text();
      nflow::CsvChunk chunk;
      while (reader.read(chunk, 1000)) continue;
      return reader.labels()[0].texts();
    };
    CHECK(read("x\nTRUE\nFALSE\n") == Names{"TRUE", "FALSE"});
    CHECK(read("x\n-\n+\n") == Names{"-", "+"});
    CHECK(read("x\n12 %\n13 %\n").empty());
    CHECK(read("x\n2020-01-01\n2020-01-01\n") == Names{"2020-01-01"});
    CHECK(read("x\n1D0\nhigh\n") == Names{"1D0", "high"});
    std::string table = "x\n";
    for (int i = 0; i < 20000; ++i) table += "1D0\n";
    try {
      read(table + "high\n");
      FAIL("text behind such numbers is an error");
    } catch (const nflow::CsvError& error) {
      CHECK(error.help().kind == Help::other_style);
      CHECK(error.help().label_column == "x");
    }
  }

  TEST_CASE("csv manner: a slow pipe is not waited for where its lines are clear") {
    for (const char* text : {"1,2\n", "1 2\n", "7\n", "a\n1\n", "a b\n1 2\n", "# a b\n1 2\n"}) {
      CAPTURE(text);
      Pipe one;
      one.write(text);
      CsvReader first(one.name(), finding());
      nflow::CsvChunk row;
      REQUIRE(first.read(row, 100));  // would hang
      CHECK(row.rows.rows() == 1);
    }
    Pipe pipe;
    pipe.write("a,b\n1,2\n");
    CsvReader reader(pipe.name(), finding());
    nflow::CsvChunk chunk;
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 1);
    pipe.write("3,4\n");
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows(0, 1) == 4);
  }

  TEST_CASE("csv manner: a slow pipe is waited for where its lines leave a doubt") {
    Pipe pipe;
    std::thread writer([&] {
      for (const char* line :
           {"Means, made 20220402\n", "year;a;b\n", "1881;1.5;2\n", "1882;2;3\n"}) {
        pipe.write(line);
        std::this_thread::yield();
      }
      pipe.close();
    });
    CsvReader reader(pipe.name(), finding());
    CHECK(reader.names() == Names{"year", "a", "b"});
    CHECK(read_all(reader).rows == Rows{{1881, 1.5, 2}, {1882, 2, 3}});
    writer.join();
  }

  TEST_CASE("csv manner: parts of a file begin behind its units") {
    const std::string text = "x,y\nm,s\n1,2\n3,4\nx,y\nm,s\n5,6\n7,8\n";
    const ScratchFolder folder;
    const std::string path = folder.write("a.csv", text);
    for (std::uint64_t cut = 0; cut <= text.size(); ++cut) {
      Rows rows;
      for (const auto& [first, last] :
           {std::pair<std::uint64_t, std::uint64_t>{0, cut}, {cut, text.size()}}) {
        CsvReader reader(path, finding());
        reader.read_only(first, last);
        for (const auto& row : read_all(reader).rows) rows.push_back(row);
      }
      CHECK(rows == Rows{{1, 2}, {3, 4}, {5, 6}, {7, 8}});
    }
  }
}
