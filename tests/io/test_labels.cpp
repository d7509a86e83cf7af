#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "io/csv_text.h"
#include "io/row_store.h"
#include "nflow/labels.h"

using namespace nflow;

namespace {

const std::vector<Index> kNumbers{0, 1, 2, 77, kMostLabels, Labels::kOther, Labels::kUnseen};

std::string appended(double value, const std::vector<std::string>& levels = {},
                     char delimiter = ',', char decimal = '.') {
  std::string text;
  append_value(text, value, levels, delimiter, decimal);
  return text;
}

/// A few characters of those that CSV and UTF-8 may trip over.
std::string random_text(std::mt19937& random) {
  const std::vector<std::string> pieces{"a", "B", "0", "7",  " ",  "\t", ",",      ";",      "\"",
                                        "'", "-", "#", "\n", "\r", "NA", "\u00e9", "\u6f22", "."};
  std::string text;
  for (std::size_t left = 1 + random() % 6; left > 0; --left) {
    text += pieces[random() % pieces.size()];
  }
  return text;
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("labels: values are no numbers, no holes, and keep their numbers") {
    for (const Index number : kNumbers) {
      const double label = label_value(number);
      CHECK(std::isnan(label));
      CHECK(is_label(label));
      CHECK_FALSE(is_hole(label));
      CHECK(label_number(label) == number);
    }
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double inf = std::numeric_limits<double>::infinity();
    for (const double value : {0.0, -0.0, 1.0, -1e300, 5e-324, inf, -inf}) {
      CHECK_FALSE(is_label(value));
      CHECK_FALSE(is_hole(value));
    }
    for (const double hole : {nan, -nan, std::nan("7"), inf - inf, std::sqrt(-1.0)}) {
      CHECK_FALSE(is_label(hole));
      CHECK(is_hole(hole));
    }
  }

  TEST_CASE("labels: copies, matrices and stores of rows keep values") {
    RowMatrix rows(kNumbers.size(), 2);
    for (Index i = 0; i < rows.rows(); ++i) {
      rows.row(i) << label_value(kNumbers[static_cast<std::size_t>(i)]), static_cast<double>(i);
    }
    const RowMatrix right = rows.rowwise().reverse();
    std::vector<double> copy(static_cast<std::size_t>(right.size()));
    std::memcpy(copy.data(), right.data(), copy.size() * sizeof(double));
    for (const std::uint64_t budget : {std::uint64_t{0}, std::uint64_t{1} << 30}) {
      RowStore store(2, budget);
      store.append(copy.data(), right.rows());
      store.finish();
      RowMatrix read(right.rows(), 2);
      store.read(0, right.rows(), read.data());
      const Eigen::VectorXd column = read.col(1);
      for (Index i = 0; i < read.rows(); ++i) {
        CHECK(is_label(column[i]));
        CHECK(label_number(column[i]) == kNumbers[static_cast<std::size_t>(i)]);
        CHECK(read(i, 0) == static_cast<double>(i));
      }
    }
  }

  TEST_CASE("labels: numbers follow the order in which texts come") {
    Labels labels;
    CHECK(labels.size() == 0);
    CHECK_FALSE(labels.find("a").has_value());
    CHECK(labels.number_of("b") == 0);
    CHECK(labels.number_of("a") == 1);
    CHECK(labels.number_of("b") == 0);
    CHECK(labels.number_of("") == 2);
    CHECK(labels.find("a") == 1);
    CHECK_FALSE(labels.find("c").has_value());
    CHECK(labels.texts() == std::vector<std::string>{"b", "a", ""});
    CHECK(labels.text(0) == "b");
    const Labels copy = labels;
    labels.number_of("c");
    CHECK(copy.size() == 3);
    CHECK(copy.find("b") == 0);
    CHECK(Labels({"x", "y"}).find("y") == 1);
  }

  TEST_CASE("labels: many, added and taken back") {
    Labels labels;
    for (int i = 0; i < 20000; ++i) {
      CHECK(labels.number_of("left out " + std::to_string(i)) == i);
      labels.forget_last();
      CHECK(labels.number_of(std::to_string(i)) == i);
    }
    CHECK(labels.size() == 20000);
    for (Index i = 0; i < 20000; i += 7) CHECK(labels.find(std::to_string(i)) == i);
    CHECK_FALSE(labels.find("left out 7").has_value());
  }

  TEST_CASE("labels: beyond the bounds all texts are one") {
    Labels few(LabelBounds{2, 1000});
    few.number_of("a");
    CHECK(few.number_of("b") == 1);
    CHECK_FALSE(few.overflowed());
    CHECK(few.number_of("c") == Labels::kOther);
    CHECK(few.number_of("d") == Labels::kOther);
    CHECK(few.overflowed());
    CHECK(few.number_of("b") == 1);
    CHECK(few.size() == 2);

    Labels brief(LabelBounds{1000, 5});
    CHECK(brief.number_of("abc") == 0);
    CHECK(brief.number_of("def") == Labels::kOther);
    CHECK(brief.number_of("de") == 1);
    CHECK(brief.number_of("") == 2);
  }

  TEST_CASE("labels: values are written as fields") {
    const std::vector<std::string> levels{"a", "a,b", "", " a", "say \"a\"", "007"};
    const std::vector<std::string> fields{"a",      "\"a,b\"",           "\"\"",
                                          "\" a\"", "\"say \"\"a\"\"\"", "007"};
    for (std::size_t i = 0; i < levels.size(); ++i) {
      CHECK(appended(label_value(static_cast<Index>(i)), levels) == fields[i]);
    }
    CHECK(appended(label_value(1), levels, ';') == "a,b");
    CHECK(appended(std::numeric_limits<double>::quiet_NaN(), levels) == "");
    CHECK(appended(label_value(Labels::kUnseen), levels) == "");
    CHECK(appended(-1.5, levels) == "-1.5");
    CHECK(appended(-1.5, levels, ',', ',') == "\"-1,5\"");
  }

  TEST_CASE("labels: what is written reads back the same") {
    std::mt19937 random(3);
    for (const char delimiter : {',', ';', '\t', ' '}) {
      CAPTURE(delimiter);
      std::string text = "head" + std::string(1, delimiter) + "number\n";
      std::vector<std::string> levels;
      for (Index i = 0; i < 500; ++i) {
        levels.push_back(random_text(random));
        append_value(text, label_value(i), levels, delimiter, '.');
        text += delimiter;
        append_value(text, static_cast<double>(i), levels, delimiter, '.');
        text += '\n';
      }
      CsvFormat format;
      format.delimiter = delimiter;
      const ScratchFolder folder;
      CsvReader reader(folder.write("a.csv", text), format);
      reader.set_columns({CsvColumn::label, CsvColumn::number});
      const csv_text::Content read = csv_text::read_all(reader, 30);
      REQUIRE(read.rows.size() == levels.size());
      for (std::size_t i = 0; i < levels.size(); ++i) {
        REQUIRE(is_label(read.rows[i][0]));
        CHECK(reader.labels()[0].text(label_number(read.rows[i][0])) == levels[i]);
        CHECK(read.rows[i][1] == static_cast<double>(i));
      }
    }
  }
}
