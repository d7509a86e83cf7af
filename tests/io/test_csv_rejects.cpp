#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>

#include "io/csv_text.h"

using nflow::CsvChunk;
using nflow::CsvFormat;
using nflow::CsvReader;
using nflow::CsvReject;
using nflow::Index;
using namespace csv_text;

namespace {

/// What reading a.csv with rejects gives: the rows, and "line|reason|text" of each reject.
struct Skipped {
  Content content;
  Names rejects;
};

Skipped skip(const std::string& text, const CsvFormat& format = {},
             std::function<std::string(const double*)> check = {}) {
  const ScratchFolder folder;
  CsvReader reader(folder.write("a.csv", text), format);
  Skipped skipped;
  if (check) reader.set_check(std::move(check));
  reader.set_reject([&](const CsvReject& reject) {
    skipped.rejects.push_back(std::to_string(reject.line) + "|" + reject.reason + "|" +
                              std::string(reject.text));
  });
  skipped.content = read_all(reader, 3);
  CHECK(reader.records() ==
        skipped.content.rows.size() + skipped.content.dropped + skipped.rejects.size());
  return skipped;
}

std::string check_first(const double* row) { return row[0] > 0 ? "" : "it is not positive"; }

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv: records that cannot be used are handed over, one by one") {
    const Skipped all = skip(
        "a,b\n1,2\n1,x\n3\n4,5,6\n\"7\"8,9\n,9\ninf,1\n\"two\nlines\",3\n5,\"6\n\"\n 7 , 8 \r\n");
    CHECK(all.content.rows == Rows{{1, 2}, {7, 8}});
    CHECK(all.content.line == Lines{2, 13});
    CHECK(all.content.text == Names{"1,2", " 7 , 8 "});
    CHECK(all.rejects == Names{"3|column 2 (b): found 'x', expected a number|1,x",
                               "4|1 field where 2 were expected|3",
                               "5|3 fields where 2 were expected|4,5,6",
                               "6|column 1: text behind the closing quote|\"7\"8,9",
                               "7|column 1 (a): missing value|,9",
                               "8|column 1 (a): found 'inf', expected a finite number|inf,1",
                               "9|column 1 (a): found 'two\\nlines', expected a number|"
                               "\"two\nlines\",3",
                               "11|column 2 (b): found '6\\n', expected a number|5,\"6\n\""});
  }

  TEST_CASE("csv: only columns that are read make a reject, and rows that are dropped are none") {
    const ScratchFolder folder;
    CsvFormat format;
    format.missing = CsvFormat::Missing::drop;
    CsvReader reader(folder.write("a.csv", "a,b\n1,x\nNA,2\nx,3\n4,5\n"), format);
    std::size_t rejects = 0;
    reader.set_reject([&](const CsvReject& reject) {
      ++rejects;
      CHECK(reject.line == 4);
    });
    reader.select({0});
    const Content content = read_all(reader);
    CHECK(content.rows == Rows{{1}, {4}});
    CHECK(content.dropped == 1);
    CHECK(rejects == 1);
    CHECK(reader.records() == 4);
  }

  TEST_CASE("csv: a row that does not pass the check is an error, or a reject") {
    const std::string text = "a,b\n1,2\n-1,3\n4,5\n";
    const ScratchFolder folder;
    CsvReader reader(folder.write("a.csv", text), {});
    reader.select({1, 0});
    reader.set_check([](const double* row) { return check_first(row + 1); });
    CsvChunk chunk;
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 1);
    CHECK_THROWS_WITH_AS(reader.read(chunk, 100),
                         (folder.path("a.csv") + ":3: it is not positive").c_str(), nflow::Error);
    const Skipped all = skip(text, {}, check_first);
    CHECK(all.content.rows == Rows{{1, 2}, {4, 5}});
    CHECK(all.rejects == Names{"3|it is not positive|-1,3"});
  }

  TEST_CASE("csv: a NUL byte spoils its record") {
    const std::string nuls("a,b\n1,2\n\0\0\0\0\n3,\0004\r\n\"5\n\0\",6\n7,8\n", 31);
    const Skipped all = skip(nuls);
    CHECK(all.content.rows == Rows{{1, 2}, {7, 8}});
    const std::string reason = "the line holds a NUL byte; is this a text file in UTF-8?";
    CHECK(all.rejects == Names{"3|" + reason + "|" + std::string(4, '\0'),
                               "4|" + reason + "|" + std::string("3,\0004\r", 5),
                               "5|" + reason + "|" + std::string("\"5\n\0\",6", 7)});
  }

  TEST_CASE("csv: blank lines of a column are rejects where missing values are errors") {
    const Skipped all = skip("a\n1\n\n\n2\n\n");
    CHECK(all.content.rows == Rows{{1}, {2}});
    CHECK(all.rejects == Names{"3|column 1 (a): missing value|", "4|column 1 (a): missing value|"});
  }

  TEST_CASE("csv: a table of nothing but rejects is empty") {
    const Skipped all = skip("a,b\nx,y\nz\n");
    CHECK(all.content.rows.empty());
    CHECK(all.rejects.size() == 2);
    CsvFormat format;
    format.header = CsvFormat::Header::no;
    CHECK(skip("x,y\n1,2\n", format).rejects ==
          Names{"1|column 1: found 'x', expected a number|x,y"});
  }

  TEST_CASE("csv: what hides where records begin is an error all the same") {
    const auto error = [](const std::string& text) {
      try {
        skip(text);
      } catch (const nflow::Error& problem) {
        return std::string(problem.what());
      }
      return std::string();
    };
    CHECK(error("a,b\n1,x\n\"2,3\n").find(":3: the quote that opens here is never closed") !=
          std::string::npos);
    CHECK(error("a,b\n1,x\n" + std::string(std::size_t{17} << 20, ' '))
              .find(":3: the line is longer") != std::string::npos);
    CHECK(error("\"a\"b,c\n1,2\n").find(":1: column 1: text behind the closing quote") !=
          std::string::npos);
  }

  TEST_CASE("csv: more fields than anyone needs are refused before they take memory") {
    const std::string commas(2'000'000, ',');
    CHECK(error_of(commas + "\n") == "a.csv:1: more than 1048576 fields");
    CHECK(error_of("a,b\n" + commas + "\n") ==
          "a.csv:2: more than 1048576 fields where 2 were expected");
    const Content most = parse(std::string(1'048'575, ',') + "a\n");
    CHECK(most.names.size() == 1'048'576);
    CHECK(most.names.back() == "a");
  }

  TEST_CASE("csv: chunks of long rows have fewer of them") {
    const ScratchFolder folder;
    std::string text;
    const std::string wide(std::size_t{3} << 20, ' ');
    for (int i = 0; i < 40; ++i) text += std::to_string(i) + wide + "\n";
    CsvReader reader(folder.write("a.csv", text), {});
    reader.keep_text();
    CsvChunk chunk;
    Index rows = 0;
    while (reader.read(chunk, 1000)) {
      CHECK(chunk.rows.rows() < 20);
      for (Index i = 0; i < chunk.rows.rows(); ++i) CHECK(chunk.rows(i, 0) == double(rows++));
    }
    CHECK(rows == 40);
  }
}
