#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "io/compressed.h"
#include "nflow/labels.h"
#include "train/large.h"
#include "train/large_table.h"

using namespace nflow;
using namespace nflow::testing;

namespace {

constexpr int kRows = 1500;

/// Columns of labels: some that come late, numbers with text in the middle of the file, numbers
/// alone, and texts of which each row has its own.
std::string table_of_texts(const std::string& quote = "") {
  std::mt19937 random(5);
  std::string text = "town,code,x,id\n";
  for (int i = 0; i < kRows; ++i) {
    const int town = static_cast<int>(random() % static_cast<unsigned>(1 + i / 100));
    const std::string name = i % 50 == 7 ? "" : quote + "town " + std::to_string(town) + quote;
    const bool word = i > kRows / 3 && random() % 90 == 0;
    const std::string code = "00" + std::to_string(random() % 12);
    text += name + ',' +
            (word          ? "none"
             : i % 40 == 1 ? "NA"
                           : code) +
            ',' + std::to_string(i) + ".5,id" + std::to_string(random() % 5000) + '\n';
  }
  return text;
}

TableRows read_texts(const std::string& path, Ranks* ranks, Index most_numbers,
                     std::vector<Labels> known = {},
                     CsvFormat::Missing missing = CsvFormat::Missing::keep) {
  CsvFormat format;
  format.missing = missing;
  CsvReader reader(path, format);
  reader.select({3, 0, 2, 1});
  reader.set_columns({CsvColumn::label, CsvColumn::either, CsvColumn::either, CsvColumn::either},
                     std::move(known));
  LargeTableSizes sizes = small_sizes();
  sizes.most_numbers = most_numbers;
  TableReading reading{{4, 0, false}, 128, 0, ranks, sizes};
  reading.numbered = true;
  return read_table(reader, reading);
}

bool same_bits(const RowMatrix& a, const RowMatrix& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(double)) == 0;
}

void check_same_labels(const TableRows& a, const TableRows& b) {
  REQUIRE(a.labels.size() == b.labels.size());
  for (std::size_t j = 0; j < a.labels.size(); ++j) {
    CHECK(a.labels[j].texts() == b.labels[j].texts());
  }
}

/// Ranks, however many, have the rows and the labels of one process.
void check_ranks(const std::string& text, const std::vector<Labels>& known = {},
                 CsvFormat::Missing missing = CsvFormat::Missing::keep) {
  const ScratchFolder folder;
  const std::string path = folder.write("t.csv", text);
  const TableRows alone = read_texts(path, nullptr, 1 << 20, known, missing);
  for (const int count : {2, 3, 4}) {
    CAPTURE(count);
    const auto work = [&](Ranks* ranks) {
      return read_texts(path, ranks, 1 << 20, known, missing);
    };
    for (const TableRows& table : as_ranks(count, work)) {
      check_same_labels(table, alone);
      CHECK(same_bits(table.rows, alone.rows));
      CHECK(table.dropped == alone.dropped);
      CHECK(table.numbers == alone.numbers);
      CHECK(table.records == alone.records);
    }
  }
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("rows know which record of the table they are") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", table_of_texts());
    const TableRows all = read_texts(path, nullptr, 1 << 20);
    CHECK(all.records == kRows);
    REQUIRE(all.numbers.size() == std::size_t(kRows));
    for (std::size_t i = 0; i < all.numbers.size(); ++i) REQUIRE(all.numbers[i] == Index(i) + 1);
    const TableRows full = read_texts(path, nullptr, 1 << 20, {}, CsvFormat::Missing::drop);
    CHECK(full.records == kRows);
    CHECK(full.dropped > 0);
    REQUIRE(full.numbers.size() == std::size_t(kRows - full.dropped));
    for (std::size_t i = 0; i < full.numbers.size(); ++i) {
      REQUIRE(full.rows(Index(i), 2) == double(full.numbers[i]) - 0.5);  // x is the row's number
    }
  }

  TEST_CASE("labels of a table are those of its columns") {
    const ScratchFolder folder;
    const TableRows table = read_texts(folder.write("t.csv", table_of_texts()), nullptr, 1 << 20);
    REQUIRE(table.rows.rows() == kRows);
    REQUIRE(table.labels.size() == 4);
    CHECK(table.labels[1].text(0) == "town 0");
    CHECK(table.labels[2].size() == 0);
    CHECK(table.labels[3].text(0) == "none");
    CHECK(table.rows(0, 2) == 0.5);
    CHECK(table.rows(2, 3) < 12);  // a number, as no text was there yet
    CHECK(is_hole(table.rows(7, 1)));
    CHECK(is_hole(table.rows(kRows - 1 - (kRows - 2) % 40, 3)));
    CHECK(table.labels[3].find("007").has_value());
    CHECK_FALSE(table.labels[3].find("7").has_value());
  }

  TEST_CASE("ranks number labels as one process does") {
    check_ranks(table_of_texts());
    check_ranks(table_of_texts("\""));
    check_ranks(table_of_texts(), {}, CsvFormat::Missing::drop);
    const Labels towns({"town 3", "town 1"});
    check_ranks(table_of_texts(), {Labels(), towns, Labels(), Labels()});
    check_ranks("a,b,c,d\nx,1,2,3\n");
    check_ranks("a,b,c,d\n1,1,2,3\n4,5,6,7\n");
  }

  TEST_CASE("ranks that read all of a compressed table have its labels") {
    const ScratchFolder folder;
    const std::string text = table_of_texts();
    const TableRows alone = read_texts(folder.write("t.csv", text), nullptr, 1 << 20);
    const std::string path = folder.write("t.csv.gz", compressed::gzip(text));
    const auto work = [&](Ranks* ranks) { return read_texts(path, ranks, 1 << 20); };
    for (const TableRows& table : as_ranks(2, work)) {
      check_same_labels(table, alone);
      CHECK(same_bits(table.rows, alone.rows));
    }
  }

  TEST_CASE("labels of a large table have the numbers that one process gives them") {
    const ScratchFolder folder;
    const std::string path = folder.write("t.csv", table_of_texts());
    struct Read {
      TableRows table;
      LargeSplit parts;
      std::string digest;
    };
    const auto work = [&](Ranks* ranks) {
      Read read{read_texts(path, ranks, 100), {}, ""};
      read.parts = split(read.table.large, 0.2, false, 3);
      read.digest = read.table.large->digest();
      return read;
    };
    const Read alone = as_ranks(1, work)[0];
    REQUIRE(alone.table.large);
    CHECK(alone.table.labels[1].text(0) == "town 0");
    CHECK(alone.parts.validation.x.rows() > 100);
    for (const int count : {2, 3}) {
      for (const Read& read : as_ranks(count, work)) {
        check_same_labels(read.table, alone.table);
        CHECK(same_bits(read.parts.validation.x, alone.parts.validation.x));
        CHECK(same_bits(read.parts.fit.x, alone.parts.fit.x));
        CHECK(read.digest == alone.digest);
      }
    }
  }

  TEST_CASE("a rank whose labels overflow says so to all") {
    const ScratchFolder folder;
    std::string text = "a,b,c,d\n";
    for (int i = 0; i < 400; ++i)
      text += "0,1,2," + std::string(i < 300 ? "a" : "b" + std::to_string(i)) + '\n';
    const std::string path = folder.write("t.csv", text);
    const Labels few(LabelBounds{5, 100});
    const auto work = [&](Ranks* ranks) {
      return read_texts(path, ranks, 1 << 20, {few, few, few, few});
    };
    const TableRows alone = as_ranks(1, work)[0];
    for (const TableRows& table : as_ranks(2, work)) {
      check_same_labels(table, alone);
      CHECK(table.labels[0].overflowed());
      CHECK_FALSE(table.labels[1].overflowed());
      CHECK(label_number(table.rows(399, 0)) == Labels::kOther);
    }
  }
}
