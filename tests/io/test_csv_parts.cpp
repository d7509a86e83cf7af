#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "io/compressed.h"
#include "io/csv_text.h"

using nflow::CsvFormat;
using nflow::CsvReader;
using namespace csv_text;

namespace {

/// What readers of the parts between `cuts` find, one behind the other; lines as place() has them.
Content read_parts(const std::string& path, const CsvFormat& format,
                   std::vector<std::uint64_t> cuts, bool from_start) {
  Content all{};
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    CsvReader reader(path, format);
    reader.read_only(cuts[i], cuts[i + 1], from_start);
    reader.select({0});  // the others may hold line ends
    Content part = read_all(reader, 3);
    all.has_header = part.has_header;
    all.names = part.names;
    all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
    all.text.insert(all.text.end(), part.text.begin(), part.text.end());
    all.begin.insert(all.begin.end(), part.begin.begin(), part.begin.end());
    all.dropped += part.dropped;
    for (const std::size_t line : part.line) {
      const std::string place = reader.place(line);
      all.line.push_back(std::stoul(place.substr(place.rfind(':') + 1)));
    }
  }
  return all;
}

void check_same(const Content& parts, const Content& whole) {
  CHECK(parts.has_header == whole.has_header);
  CHECK(parts.names == whole.names);
  CHECK(parts.rows == whole.rows);
  CHECK(parts.text == whole.text);
  CHECK(parts.begin == whole.begin);
  CHECK(parts.line == whole.line);
  CHECK(parts.dropped == whole.dropped);
}

/// Cuts the text in two at every place, and in pieces of one byte.
void check_parts(const std::string& text, bool from_start) {
  CAPTURE(text);
  CsvFormat format;
  format.missing = CsvFormat::Missing::drop;
  format.comment = '#';
  const ScratchFolder folder;
  const std::string path = folder.write("a.csv", text);
  CsvReader reader(path, format);
  CHECK(reader.size() == text.size());
  reader.select({0});
  const Content whole = read_all(reader);
  CHECK(reader.bytes_read() == text.size());
  for (std::size_t i = 0; i < whole.begin.size(); ++i) {
    CHECK(text.compare(whole.begin[i], whole.text[i].size(), whole.text[i]) == 0);
  }
  std::vector<std::uint64_t> bytes;
  for (std::uint64_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    check_same(read_parts(path, format, {0, cut, text.size()}, from_start), whole);
    bytes.push_back(cut);
  }
  check_same(read_parts(path, format, bytes, from_start), whole);
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv: parts of a file have together the rows of the whole") {
    for (const bool from_start : {false, true}) {
      check_parts("a,b\n1,2\n3,4\n55,66\n", from_start);
      check_parts("1,2\n3,4\n55,66", from_start);
      check_parts("\xEF\xBB\xBF\n\n1,2\r\n3,4\r\n\r\n,5\r\n55,66\r\n\n \n", from_start);
      check_parts(
          "\xEF\xBB\xBF"
          "a,b\r\n \t\r\n3,4\r\nNA,1\n55,66\n\n",
          from_start);
      check_parts("\"a\nb\",\"c\"\n1,2\n3,4\n", from_start);  // a header is no row
      check_parts("a\n\n1\n\n\n22\n\n3\n\n\n", from_start);   // blank lines are missing values
      check_parts("\n1\n\n 2 \n \n3", from_start);
      check_parts("# 1,2\na,b\n#\n1,2\n # 3\n3,4\n\n#\n55,66\n#", from_start);
      check_parts("#1\n1\n\n#2\n22\n#3\n\n3\n\n#4\n", from_start);  // of one column
      check_parts("a,b\n", from_start);
      check_parts("a,b", from_start);
    }
  }

  TEST_CASE("csv: parts of a file with quotes, read from its start") {
    check_parts("a,b\n1,\"2\"\n\"4\",\"\n\"\n\n7,\"8,\n\n9\"\n", true);
    check_parts("\"1\",\"2\n\n\",3\n4,5,6\n7,\"8\n\",9\n", true);
    check_parts("a,b\n1,\"2\n# 3\"\n# \"4\n55,66\n", true);
  }

  TEST_CASE("csv: quotes are seen, but not those of the header") {
    const ScratchFolder folder;
    const auto seen = [&](const std::string& text, std::uint64_t first) {
      CsvReader reader(folder.write("a.csv", text), {});
      reader.read_only(first, text.size());
      read_all(reader);
      return reader.quotes_seen();
    };
    CHECK_FALSE(seen("\"a\",\"b\"\n1,2\n3,4\n", 0));
    CHECK(seen("a,b\n1,\"2\"\n3,4\n", 0));
    CHECK_FALSE(seen("a,b\n1,\"2\"\n3,4\n", 9));
    CHECK(seen("\"1\",2\n3,4\n", 0));
  }

  TEST_CASE("csv: errors in a part name the line of the file") {
    const ScratchFolder folder;
    const auto complaint = [&](const std::string& text, std::uint64_t first, bool from_start) {
      try {
        CsvReader reader(folder.write("a.csv", text), {});
        reader.read_only(first, text.size(), from_start);
        read_all(reader);
      } catch (const nflow::Error& error) {
        return folder.without_folder(error.what());
      }
      return std::string();
    };
    for (const bool from_start : {false, true}) {
      CHECK(complaint("a,b\n1,2\n\n3,4\n5,x\n", 9, from_start) ==
            "a.csv:5: column 2 (b): found 'x', expected a number");
      CHECK(complaint("a,b\n1,2\n\n3,4\n5\n", 5, from_start) ==
            "a.csv:5: 1 field where 2 were expected");
      CHECK(complaint("a,b\n1,2\n3,4\n5,\"6\n7,8\n", 9, from_start) ==
            "a.csv:4: the quote that opens here is never closed");
      CHECK(complaint(std::string("a,b\n1,2\n3,4\n5,\0\n", 16), 9, from_start) ==
            "a.csv:4: the line holds a NUL byte; is this a text file in UTF-8?");
    }
    CHECK(complaint("a,b\nx,2\n", 0, false) ==
          "a.csv:2: column 1 (a): found 'x', expected a number");
  }

  TEST_CASE("csv: a pipe has no size") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], "1,2\n3,4", 7) == 7);
    ::close(ends[1]);
    CsvReader reader("/dev/fd/" + std::to_string(ends[0]), {});
    CHECK_FALSE(reader.size().has_value());
    CHECK(read_all(reader).begin == std::vector<std::uint64_t>{0, 4});
    CHECK(reader.bytes_read() == 7);
    ::close(ends[0]);
  }

  TEST_CASE("csv: a compressed file has no size; places in it are those of its text") {
    const ScratchFolder folder;
    const std::string text = "a,b\n1,2\n3,4\n";
    for (const std::string& bytes : {compressed::gzip(text), compressed::zstd(text)}) {
      CsvReader reader(folder.write("a.csv", bytes), {});
      CHECK_FALSE(reader.size().has_value());
      CHECK(read_all(reader).begin == std::vector<std::uint64_t>{4, 8});
      CHECK(reader.bytes_read() == text.size());
    }
  }
}
