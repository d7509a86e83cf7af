#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "io/csv_text.h"

using nflow::CsvChunk;
using nflow::CsvFormat;
using nflow::CsvReader;
using nflow::Index;
using namespace csv_text;

TEST_SUITE("io") {
  TEST_CASE("csv: a table with a header") {
    const Content a = parse("fare,tip\n1,2\n3.5,-4e2\n");
    CHECK(a.has_header);
    CHECK(a.header == "fare,tip");
    CHECK(a.names == Names{"fare", "tip"});
    CHECK(a.rows == Rows{{1, 2}, {3.5, -400}});
    CHECK(a.text == Names{"1,2", "3.5,-4e2"});
    CHECK(a.line == Lines{2, 3});
  }

  TEST_CASE("csv: a table without a header gets names") {
    const Content a = parse("1,2\n3,4\n");
    CHECK_FALSE(a.has_header);
    CHECK(a.header.empty());
    CHECK(a.names == Names{"x1", "x2"});
    CHECK(a.rows == Rows{{1, 2}, {3, 4}});
    CHECK(a.line == Lines{1, 2});
  }

  TEST_CASE("csv: what makes a first line a header") {
    CHECK(parse("1,b\n1,2\n").has_header);
    CHECK(parse("-,1\n1,2\n").has_header);
    CHECK_FALSE(parse("+1,0x1p3\n1,2\n").has_header);
    CHECK_FALSE(parse("\"1\",2\n1,2\n").has_header);
    CsvFormat format;
    format.missing = CsvFormat::Missing::drop;
    CHECK_FALSE(parse("NA,,nan\n1,2,3\n", format).has_header);
    format.na_tokens = {"?"};
    CHECK_FALSE(parse("?,1\n1,2\n", format).has_header);
    CHECK(error_of("inf,1\n1,2\n") == "a.csv:1: column 1: found 'inf', expected a finite number");
  }

  TEST_CASE("csv: the header can be forced") {
    CsvFormat format;
    format.header = CsvFormat::Header::yes;
    const Content a = parse("2019,2020\n1,2\n", format);
    CHECK(a.names == Names{"2019", "2020"});
    CHECK(a.rows == Rows{{1, 2}});
    format.header = CsvFormat::Header::no;
    CHECK(error_of("a,b\n1,2\n", format) == "a.csv:1: column 1: found 'a', expected a number");
  }

  TEST_CASE("csv: names are kept, empty ones replaced") {
    CHECK(parse("a, b ,,a,\" c \"\n1,2,3,4,5\n").names == Names{"a", "b", "unnamed3", "a", "c"});
    // Neither by those of a file without header nor by those of other columns.
    CHECK(parse(",x1,unnamed1,\n1,2,3,4\n").names ==
          Names{"unnamed1_", "x1", "unnamed1", "unnamed4"});
    CHECK(parse("\"a,b\",\"say \"\"hi\"\"\"\n1,2\n").names == Names{"a,b", "say \"hi\""});
    CHECK(parse("\"two\nlines\",b\n1,2\n").names == Names{"two\nlines", "b"});
  }

  TEST_CASE("csv: line ends, byte order mark, last line without end") {
    const Rows rows{{1, 2}, {3, 4}};
    CHECK(rows_of("a,b\r\n1,2\r\n3,4\r\n") == rows);
    CHECK(rows_of("a,b\n1,2\n3,4") == rows);
    CHECK(rows_of("a,b\r\n1,2\r\n3,4\r") == rows);
    const Content a = parse(
        "\xEF\xBB\xBF"
        "a,b\r\n1,2\r\n3,4");
    CHECK(a.names == Names{"a", "b"});
    CHECK(a.header == "a,b");
    CHECK(a.rows == rows);
    CHECK(a.text == Names{"1,2", "3,4"});
    CHECK_FALSE(parse("\xEF\xBB\xBF"
                      "1,2\n")
                    .has_header);
    // Only at the front of the file: elsewhere it is text.
    CHECK(error_of("1\n\xEF\xBB\xBF"
                   "2\n") ==
          "a.csv:2: column 1: found '\xEF\xBB\xBF"
          "2', expected a number");
  }

  TEST_CASE("csv: blank lines in a table of several columns are skipped") {
    const Content a = parse("\n  \na,b\n\n1,2\n\t\n\r\n3,4\n\n\n");
    CHECK(a.rows == Rows{{1, 2}, {3, 4}});
    CHECK(a.line == Lines{5, 8});
    CsvFormat format;
    format.delimiter = '\t';
    format.missing = CsvFormat::Missing::drop;
    const Content b = parse("a\tb\n\t\n1\t2\n", format);
    CHECK(b.rows == Rows{{1, 2}});
    CHECK(b.dropped == 1);
  }

  TEST_CASE("csv: a blank line in a column is a missing value, at the end it is nothing") {
    CHECK(error_of("a\n1\n\n2\n") == "a.csv:3: column 1 (a): missing value");
    CHECK(rows_of("a\n1\n2\n\n\n") == Rows{{1}, {2}});
    CHECK(rows_of("\n1\n2\n \n") == Rows{{1}, {2}});
    CHECK(rows_of("a\n\n\n").empty());
    CsvFormat format;
    format.missing = CsvFormat::Missing::drop;
    const Content a = parse("a\n\n1\n\n\n2\n\n\n", format);
    CHECK(a.rows == Rows{{1}, {2}});
    CHECK(a.line == Lines{3, 6});
    CHECK(a.dropped == 3);
  }

  TEST_CASE("csv: quotes") {
    CHECK(rows_of("\"1.5\",\" 2 \", \"3\" \n") == Rows{{1.5, 2, 3}});
    CHECK(error_of("a,b\n\"x, \"\"y\"\"\",1\n") ==
          "a.csv:2: column 1 (a): found 'x, \"y\"', expected a number");
    CHECK(error_of("a,b\n1,\"2\"3\n") == "a.csv:2: column 2: text behind the closing quote");
    CHECK(error_of("a,b\n\"\",1\n") == "a.csv:2: column 1 (a): missing value");
    CHECK(error_of("a,b\n5\" pipe,1\n") ==
          "a.csv:2: column 1 (a): found '5\" pipe', expected a number");
  }

  TEST_CASE("csv: records of several lines") {
    const ScratchFolder folder;
    const std::string file = folder.write(
        "a.csv", "note,v\n\"one\r\n\ntwo, \"\"2\"\"\n\",1\nplain,2\n\"a\nb\"  ,\"\n3\"\n");
    CsvReader reader(file, {});
    reader.select({1});
    CsvChunk chunk;
    reader.keep_text();
    REQUIRE(reader.read(chunk, 2));
    CHECK(chunk.rows.rows() == 2);
    CHECK(chunk.text == Names{"\"one\r\n\ntwo, \"\"2\"\"\n\",1", "plain,2"});
    CHECK(chunk.line == Lines{2, 6});
    CHECK_THROWS_WITH_AS(reader.read(chunk, 2),
                         (file + ":7: column 2 (v): found '\\n3', expected a number").c_str(),
                         nflow::Error);
  }

  TEST_CASE("csv: quotes that are never closed") {
    CHECK(error_of("a,b\n1,2\n3,\"4\n5,6\n") ==
          "a.csv:3: the quote that opens here is never closed");
    CHECK(error_of("\"a,b\n1,2\n") == "a.csv:1: the quote that opens here is never closed");
    CHECK(error_of("a,b\n\"1\n\",\"2\n3\n") ==
          "a.csv:3: the quote that opens here is never closed");
    // The rest of a large file is not drawn into memory.
    std::string text = "a,b\n\"1,2\n";
    for (int i = 0; i < 3'000'000; ++i) text += "12,34,\n";
    CHECK(error_of(text) == "a.csv:2: the quote that opens here is never closed");
  }

  TEST_CASE("csv: a wrong number of fields") {
    CHECK(error_of("a,b,c\n1,2,3\n1,2\n") == "a.csv:3: 2 fields where 3 were expected");
    CHECK(error_of("a,b\n1,2,\n") == "a.csv:2: 3 fields where 2 were expected");
    CHECK(error_of("a,b\n1\n") == "a.csv:2: 1 field where 2 were expected");
    CHECK(error_of("a\n1,2\n") == "a.csv:2: 2 fields where 1 was expected");
  }

  TEST_CASE("csv: other delimiters") {
    CsvFormat format;
    format.delimiter = ';';
    CHECK(rows_of("a;b\n1;2\n", format) == Rows{{1, 2}});
    format.delimiter = '\t';
    CHECK(rows_of("a\tb\n 1 \t2\n", format) == Rows{{1, 2}});
    format.delimiter = ' ';
    CHECK(rows_of("a b\n1 2\n", format) == Rows{{1, 2}});
    for (const char bad : {'"', '\n', '\r'}) {
      format.delimiter = bad;
      CHECK_THROWS_AS(parse("a\n", format), nflow::UsageError);
    }
  }

  TEST_CASE("csv: selected columns, in any order, among others that hold anything") {
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "id,x,y\nfoo,1,2\n,3,4\ninf,5,6\n"), {});
    reader.select({2, 1});
    CHECK(read_all(reader).rows == Rows{{2, 1}, {4, 3}, {6, 5}});
    CsvReader other(folder.path("a.csv"), {});
    CHECK_THROWS_AS(other.select({3}), nflow::UsageError);
    CHECK_THROWS_AS(other.select({-1}), nflow::UsageError);
    other.select({});
    CHECK(read_all(other).text == Names{"foo,1,2", ",3,4", "inf,5,6"});
  }

  TEST_CASE("csv: rows before a bad one are given first") {
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", "a,b\n1,2\n3,4\n5,bad\n"), {});
    CsvChunk chunk;
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 2);
    CHECK(chunk.rows(1, 1) == 4);
    CHECK_THROWS_AS(reader.read(chunk, 100), nflow::Error);
  }

  TEST_CASE("csv: files that are not tables") {
    const ScratchFolder folder;
    CHECK_THROWS_WITH_AS(CsvReader("no-such-file.csv", {}),
                         "cannot open no-such-file.csv: No such file or directory", nflow::Error);
    CHECK_THROWS_WITH_AS(CsvReader("/", {}), "cannot read /: Is a directory", nflow::Error);
    CHECK(error_of("") == "a.csv: the file is empty");
    CHECK(error_of("\n \n") == "a.csv: the file is empty");
    CHECK(error_of("\xEF\xBB\xBF") == "a.csv: the file is empty");
    CHECK(rows_of("a,b\n").empty());
    CHECK(rows_of("a,b").empty());
    const std::string nul("a,b\n1,2\n3,\0004\n", 13);
    CHECK(error_of(nul) == "a.csv:3: the line holds a NUL byte; is this a text file in UTF-8?");
    CHECK(error_of(std::string("a,b\r\n1,2\0\r\n", 11)) ==
          "a.csv:2: the line holds a NUL byte; is this a text file in UTF-8?");
  }

  TEST_CASE("csv: what was found is shown short and without control characters") {
    CHECK(error_of("a,b\n1,\x1b[31m\tred\xFF\n") ==
          "a.csv:2: column 2 (b): found '\\x1b[31m\\tred\\xff', expected a number");
    CHECK(error_of("a,b\n1,caf\xC3\xA9\n") ==
          "a.csv:2: column 2 (b): found 'caf\xC3\xA9', expected a number");
    CHECK(error_of("a,b\n1," + std::string(1000, 'z') + "\n") ==
          "a.csv:2: column 2 (b): found '" + std::string(40, 'z') + "...', expected a number");
  }

  TEST_CASE("csv: two thousand columns") {
    std::string text;
    for (int row = 0; row < 50; ++row)
      for (int i = 0; i < 2000; ++i)
        text += std::to_string(row * 2000 + i) + (i < 1999 ? ',' : '\n');
    const Rows rows = rows_of(text);
    REQUIRE(rows.size() == 50);
    REQUIRE(rows[49].size() == 2000);
    CHECK(rows[0][1999] == 1999);
    CHECK(rows[49][1999] == 99999);
  }

  TEST_CASE("csv: lines are long, up to 16 MiB") {
    // Across several blocks, with the fields of the next line in the same block.
    const std::string wide(5'000'000, ' ');
    CHECK(rows_of("a,b\n1," + wide + "2\n3,4\n") == Rows{{1, 2}, {3, 4}});
    CHECK(rows_of("1," + wide + "2") == Rows{{1, 2}});
    const std::string limit((1 << 24) - 4, ' ');
    CHECK(rows_of("a,b\n1," + limit + "2\n3,4\n") == Rows{{1, 2}, {3, 4}});
    const std::string error = "a.csv:2: the line is longer than 16 MiB";
    CHECK(error_of("a,b\n1," + limit + " 2\n3,4\n") == error);
    CHECK(error_of("a,b\n1," + limit + limit + "2\n3,4\n") == error);
  }

  TEST_CASE("csv: every way of cutting a file into blocks and reads gives the same rows") {
    std::string text = "a,b\r\n";
    Rows expected;
    for (int i = 0; i < 300'000; ++i) {
      text += std::to_string(i) + (i % 3 ? ",\"" : ", \"\n") + (i % 3 ? "7\"\r\n" : "\"\n");
      if (i % 3) expected.push_back({double(i), 7});
    }
    CsvFormat format;
    format.missing = CsvFormat::Missing::drop;
    format.na_tokens = {"\n"};
    const ScratchFolder folder;
    for (const Index at_once : {1, 7, 4096, 1'000'000}) {
      CsvReader reader(folder.write("a.csv", text), format);
      const Content content = read_all(reader, at_once);
      CHECK(content.rows == expected);
      CHECK(content.dropped == 100'000);
    }
  }
}
