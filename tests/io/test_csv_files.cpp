#include <algorithm>
#include <cmath>
#include <functional>

#include "io/compressed.h"
#include "io/csv_text.h"
#include "nflow/labels.h"

// Several files of one header as one table.

namespace {

using csv_text::Content;
using csv_text::Rows;
using nflow::CsvFormat;
using nflow::CsvReader;

class Files {
 public:
  explicit Files(const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      paths_.push_back(
          folder_.write(std::string(1, static_cast<char>('a' + i)) + ".csv", texts[i]));
    }
  }
  const std::vector<std::string>& paths() const { return paths_; }

  Content read(const CsvFormat& format = {}, nflow::Index at_once = 1000) const {
    CsvReader reader(paths_, format);
    return csv_text::read_all(reader, at_once);
  }
  std::string error(const CsvFormat& format = {}) const {
    try {
      read(format);
    } catch (const nflow::Error& error) {
      return folder_.without_folder(error.what());
    }
    return "";
  }

 private:
  ScratchFolder folder_;
  std::vector<std::string> paths_;
};

const Rows kFour{{1, 2}, {3, 4}, {5, 6}, {7, 8}};

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("files: the rows of the first come first, however many are read at once") {
    const Files files({"x,y\n1,2\n3,4", "\xEF\xBB\xBFx,y\r\n5,6\r\n\r\n", "x,y\n7,8\n"});
    for (const nflow::Index at_once : {1, 2, 3, 1000}) {
      const Content content = files.read({}, at_once);
      CHECK(content.rows == kFour);
      CHECK(content.text == csv_text::Names{"1,2", "3,4", "5,6", "7,8"});
      CHECK(content.header == "x,y");
      CHECK(std::is_sorted(content.begin.begin(), content.begin.end()));
    }
    CsvReader reader(files.paths(), {});
    CHECK(reader.files() == 3);
    CHECK(reader.name() == files.paths()[0] + " and 2 more");
    CHECK_FALSE(reader.size());
    const Content content = csv_text::read_all(reader);
    CHECK(reader.place(content.line[1]) == files.paths()[0] + ":3");
    CHECK(reader.place(content.line[2]) == files.paths()[1] + ":2");
    CHECK(reader.place(content.line[3]) == files.paths()[2] + ":2");
    CHECK(reader.records() == 4);
    CHECK(reader.bytes_read() > content.begin.back());
  }

  TEST_CASE("files: a header alone has no rows, and compressed ones are among them") {
    CHECK(Files({"x,y\n", compressed::gzip("x,y\n1,2\n3,4\n"), "x,y\n", "x,y\n5,6\n7,8\n"})
              .read()
              .rows == kFour);
  }

  TEST_CASE("files: without header") {
    const Files files({"1,2\n3,4\n", "5,6\n7,8\n"});
    CHECK(files.read().rows == kFour);
    CHECK(files.read().names == csv_text::Names{"x1", "x2"});
    CHECK(Files({"1,2\n", "x,y\n3,4\n"}).error() ==
          "b.csv:1: a header, where a.csv has none; files of one table have one header");
    CsvFormat format;
    format.header = CsvFormat::Header::no;
    CHECK(Files({"1,2\n", "x,y\n3,4\n"}).error(format) ==
          "b.csv:1: column 1: found 'x', expected a number");
  }

  TEST_CASE("files: another header is named, with both files and the first column that differs") {
    const std::string end = "; files of one table have one header";
    CHECK(Files({"x,y\n1,2\n", "x,y\n3,4\n", "x,z\n5,6\n"}).error() ==
          "c.csv:1: column 2 is 'z', and 'y' in a.csv" + end);
    CHECK(Files({"x,y\n1,2\n", "y,x\n3,4\n"}).error() ==
          "b.csv:1: column 1 is 'y', and 'x' in a.csv" + end);
    CHECK(Files({"x,y\n1,2\n", "x\n3\n"}).error() ==
          "b.csv:1: column 2 is not there, and 'y' in a.csv" + end);
    CHECK(Files({"x,y\n1,2\n", "x,y,z\n3,4,5\n"}).error() ==
          "b.csv:1: column 3 is 'z', and not there in a.csv" + end);
    CHECK(Files({"x,y\n1,2\n", "\n3,4\n"}).error() ==
          "b.csv:2: column 1 is '3', and 'x' in a.csv" + end);
  }

  TEST_CASE("files: errors name the file and its own line") {
    CHECK(Files({"x\n1\n2\n3\n", "x\n4\nq\n"}).error() ==
          "b.csv:3: column 1 (x): found 'q', expected a number");
    CHECK(Files({"x,y\n1,2\n", "x,y\n1,2,3\n"}).error() ==
          "b.csv:2: 3 fields where 2 were expected");
    CHECK(Files({"x\n1\n", ""}).error() == "b.csv: the file is empty");
    CHECK(Files({"x,y\n1,\"2\n", "x,y\n3,4\"\n"}).error() ==
          "a.csv:2: the quote that opens here is never closed");
    const Files one({"x\n1\n"});
    const std::vector<std::string> missing{one.paths()[0], "/nowhere/b.csv"};
    CHECK_THROWS_WITH_AS(CsvReader(missing, {}),
                         "cannot open /nowhere/b.csv: No such file or directory", nflow::Error);
    CHECK_THROWS_AS(CsvReader(std::vector<std::string>{}, {}), nflow::UsageError);
  }

  TEST_CASE("files: the delimiter of the first is that of all, and so are its decimal marks") {
    CsvFormat format;
    format.find_delimiter = format.find_decimal = true;
    CHECK(Files({"x;y\n1,5;2\n", "x;y\n3,5;4,25\n"}).read(format).rows ==
          Rows{{1.5, 2}, {3.5, 4.25}});
  }

  TEST_CASE("files: labels, missing values and blank lines go on") {
    const Files files({"x,c\n1,red\n,blue\n", "x,c\n3,blue\n,\n"});
    CsvFormat format;
    format.missing = CsvFormat::Missing::keep;
    CsvReader reader(files.paths(), format);
    reader.set_columns({nflow::CsvColumn::either, nflow::CsvColumn::either});
    nflow::CsvChunk chunk;
    std::size_t rows = 0;
    while (reader.read(chunk, 1)) ++rows;
    CHECK(rows == 4);
    CHECK(reader.labels()[1].texts() == std::vector<std::string>{"red", "blue"});
    CHECK(reader.gaps() == std::vector<std::size_t>{2, 1});

    format.missing = CsvFormat::Missing::drop;
    const Content column = Files({"x\n1\n\n2\n\n", "x\n\n3\n"}).read(format);
    CHECK(column.rows == Rows{{1}, {2}, {3}});
    CHECK(column.dropped == 2);  // the blank line at an end is none
  }

  TEST_CASE("missing values are counted by column") {
    CsvFormat format;
    format.missing = CsvFormat::Missing::drop;
    const Files files({"a,b,c\n1,,2\n3,,4\n,,5\n6,7,8\n"});
    CsvReader reader(files.paths(), format);
    reader.select({2, 1, 0});
    csv_text::read_all(reader);
    CHECK(reader.gaps() == std::vector<std::size_t>{0, 3, 1});
  }
}

TEST_SUITE("io") {
  TEST_CASE("files: title lines, units and marks at the beginning are those of each file") {
    CsvFormat format;
    format.find = format.find_delimiter = format.find_decimal = true;
    const Files files({"Made in May\nx;y\nm;s\n1,5;2\n3;4\n", "\xEF\xBB\xBFx;y\nm;s\n5;6,25\n",
                       "Made in July\nat noon\nx;y\nm;s\n7;8\n"});
    CsvReader reader(files.paths(), format);
    reader.set_columns({nflow::CsvColumn::number, nflow::CsvColumn::number});
    const Content content = csv_text::read_all(reader);
    CHECK(content.rows == Rows{{1.5, 2}, {3, 4}, {5, 6.25}, {7, 8}});
    CHECK(reader.place(content.line[3]) == files.paths()[2] + ":5");
    CHECK(Files({"x;y\n1;2\n3;4\n", "x,y\n3,4\n5,6\n"}).error(format) ==
          "b.csv:1: column 1 is 'x,y', and 'x' in a.csv; files of one table have one header");
    CHECK(Files({"x;y\n1;2\n3;4\n", "x;z\n3;4\n5;6\n"}).error(format) ==
          "b.csv:1: column 2 is 'z', and 'y' in a.csv; files of one table have one header");
    const Files comments({"# x y\n1 2\n3 4\n", "# x y\n5 6\n7 8\n"});
    CHECK(comments.read(format).rows == kFour);
  }
}
