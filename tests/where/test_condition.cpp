#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "nflow/condition.h"
#include "nflow/error.h"
#include "nflow/labels.h"

using namespace nflow;

namespace {

const double kHole = std::numeric_limits<double>::quiet_NaN();
const std::vector<std::string> kColumns{"x", "y", "kind", "two words", "flag", "log"};

Support category(const std::vector<std::string>& levels, bool holes = false) {
  Support support = parse_support("CATEGORY");
  support.holes = holes;
  CellData data;
  data.levels = levels;
  for (std::size_t i = 0; i < levels.size(); ++i) data.level_bin.push_back(Index(i));
  const std::size_t bins = levels.size() + (holes ? 1 : 0);
  data.level_mass.assign(levels.size(), 1.0 / double(levels.size()));
  data.mass.assign(bins, 1.0 / double(bins));
  data.hole = holes;
  support.cells = std::make_shared<Cells>(support, data);
  return support;
}

std::vector<Support> supports() {
  std::vector<Support> all(kColumns.size());
  all[2] = category({"a", "it's", "c"}, true);
  all[4] = category({"0", "1"});
  return all;
}

Condition condition(const std::string& text) { return {text, kColumns, supports()}; }

/// Whether it holds for one row.
bool holds(const std::string& text, const std::vector<double>& row) {
  RowMatrix rows(1, Index(row.size()));
  for (std::size_t j = 0; j < row.size(); ++j) rows(0, Index(j)) = row[j];
  std::vector<char> inside;
  condition(text).find(rows, inside);
  return inside.at(0) == 1;
}

const std::vector<double> kRow{2, -3, label_value(0), 10, label_value(1), 0.5};

std::string refusal(const std::string& text) {
  try {
    condition(text);
    return "";
  } catch (const UsageError& problem) {
    return problem.what();
  }
}

}  // namespace

TEST_SUITE("where") {
  TEST_CASE("a condition computes as its text says") {
    for (const char* text : {"x == 2",
                             "x > y",
                             "x >= 2 && x <= 2",
                             "y < -2.5",
                             "x != y",
                             "x + y == -1",
                             "x - y == 5",
                             "x - 1 - 1 == 0",
                             "8 / x / x == 2",
                             "x + 2 * y == -4",
                             "(x + 2) * y == -12",
                             "x ^ 3 == 8",
                             "2 ^ 3 ^ 2 == 512",
                             "-x ^ 2 == -4",
                             "(-x) ^ 2 == 4",
                             "x ^ -1 == 0.5",
                             "- - x == 2",
                             "2 * -x == -4",
                             "abs(y) == 3",
                             "sqrt(x * 8) == 4",
                             "exp(log(x)) > 1.999",
                             "log == .5",
                             "`log` * 2 == 1",
                             "log(1) == 0",
                             "min(x, y) == -3",
                             "max(x, y, 7) == 7",
                             "sin(0) == 0 && cos(0) == 1",
                             "`two words` == 1e1",
                             "\"two words\" > 9.5",
                             "kind == 'a'",
                             "'a' == kind",
                             "kind != 'it''s'",
                             "!(kind == 'c')",
                             "flag == 1",
                             "flag == '1'",
                             "flag + 1 == 2",
                             "!missing(kind)",
                             "! (x < 0) && !(y > 0)",
                             "x < 0 && x < 0 || x > 0",
                             "x > 0 || x < 0 && x < 0",
                             "(x < 0 || x > 0) && y < 0",
                             "1 < 2",
                             "x>0&&y<0",
                             "(((x > 0)))",
                             "((kind)) == 'a'"}) {
      CHECK_MESSAGE(holds(text, kRow), text);
      CHECK_MESSAGE(!holds("!(" + std::string(text) + ")", kRow), text);
    }
    CHECK(holds("kind == 'it''s'", {0, 0, label_value(1), 0, label_value(0), 0}));
    CHECK(holds("flag == 0", {0, 0, label_value(1), 0, label_value(0), 0}));
    CHECK(holds("flag == '0'", {0, 0, label_value(1), 0, 0, 0}));  // read as a number
  }

  TEST_CASE("a comparison with what is missing or no number is false") {
    const std::vector<double> row{kHole, -1, kHole, 0, label_value(Labels::kUnseen), 0};
    for (const char* text :
         {"x == x", "x != x", "x < 1", "x >= 1", "x + y < 5", "sqrt(y) == sqrt(y)", "sqrt(y) != 1",
          "kind == 'a'", "kind != 'a'", "min(x, y) < 0", "max(y, x) < 0", "x ^ 0 == 1", "flag == 1",
          "flag != 1", "!missing(x)", "missing(y)", "missing(flag)"}) {
      CHECK_MESSAGE(!holds(text, row), text);
    }
    CHECK(holds("missing(x) && missing(kind)", row));
    CHECK(holds("missing((x))", row));
    // A label that the model does not know is none of those that it knows.
    CHECK(holds("flag != '1'", row));
  }

  TEST_CASE("rows have the same answer in any number of rows") {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> uniform(-2, 2);
    RowMatrix rows(1500, Index(kColumns.size()));
    for (Index i = 0; i < rows.rows(); ++i) {
      for (Index j = 0; j < rows.cols(); ++j) rows(i, j) = uniform(random);
      rows(i, 2) = label_value(i % 3);
      rows(i, 4) = label_value(i % 2);
    }
    Condition region = condition("x ^ 2 + y ^ 2 < 2 && (kind == 'a' || flag == 1)");
    std::vector<char> all, one;
    region.find(rows, all);
    Index count = 0;
    for (Index i = 0; i < rows.rows(); ++i) {
      const bool expected =
          rows(i, 0) * rows(i, 0) + rows(i, 1) * rows(i, 1) < 2 && (i % 3 == 0 || i % 2 == 1);
      REQUIRE((all[std::size_t(i)] == 1) == expected);
      count += expected ? 1 : 0;
    }
    CHECK(count > 200);
    region.find(rows.middleRows(700, 1), one);
    CHECK(one == std::vector<char>{all[700]});
    region.find(RowMatrix(0, rows.cols()), one);
    CHECK(one.empty());
  }

  TEST_CASE("a mistake is told with its place, what is there and what could be") {
    const auto refused = [](const std::string& text, const std::string& part) {
      const std::string message = refusal(text);
      CHECK_MESSAGE(message.find(part) != message.npos, text << ": " << message);
    };
    refused("", "at character 1, the end: expected a number, a column");
    refused("x > ", "at character 5, the end: expected a number");
    refused("x > 0 &&& y", "at character 9, '& y': && is for both");
    refused("x = 0", "at character 3, '= 0': == compares");
    refused("x | y", "at character 3, '| y': || is for either");
    refused("x > 0 # y", "at character 7, '# y': no such sign");
    refused("x", "at character 1, 'x': the whole is to be a condition");
    refused("x > 0 && 3", "at character 10, '3': what stands behind && is to be a condition");
    refused("y || x > 0", "at character 1, 'y || x > 0': what stands before ||");
    refused("kind", "the whole is to be a condition");
    refused("1 < x < 2", "at character 7, '< 2': one comparison is not compared again");
    refused("kid == 'a'", "the model has no such column; did you mean 'kind'?");
    refused("zebra > 0", "at character 1, 'zebra > 0': the model has no such column");
    refused("`two wrods` > 0",
            "at character 1, '`two wrods` > 0': the model has no such column; did "
            "you mean 'two words'?");
    refused("kind == 'A'", "column 'kind' of the model has no such label; did you mean 'a'?");
    refused("kind > 'a'", "labels have no order");
    refused("kind > 1", "the column has labels, which are compared as in == 'a'");
    refused("kind == x", "the column has labels");
    refused("x == 'a'", "column 'x' has numbers, which stand without quotes");
    refused("'a' == 'b'", "a label is compared with a column of labels");
    refused("'a' + 1 > 0", "a label is compared with a column of labels");
    refused("(x > 0) + 1 > 0", "expected a number, and this is a condition");
    refused("!x == 3", "what stands behind !");
    refused("sqr(x) > 1",
            "at character 1, 'sqr(x) > 1': no such function is known; did you mean "
            "'sqrt'?");
    refused("tan(x) > 1", "no such function");
    refused("min(x) > 1", "at character 6, ') > 1': expected , and another number");
    refused("abs(x, y) > 1", "at character 6, ', y) > 1': expected )");
    refused("missing(x + 1)", "at character 11, '+ 1)': expected )");
    refused("missing(3)", "missing() is of a column");
    refused("(x > 0", "at character 7, the end: expected )");
    refused("x > 0)", "at character 6, ')': expected an operator");
    refused("x > 0 y", "expected an operator such as && or <");
    refused("kind == 'a", "at character 9, ''a': this quote is never closed");
    refused("3x > 1", "a name that begins with a digit stands in");
    refused("x > 1e999", "no double holds such a number");
    // Characters are counted, not bytes.
    refused("`two words` > 0 && größe > 0 && x = 1", "at character 20, 'größe > 0");
    refused("\"größe", "at character 1, ");
  }

  TEST_CASE("long and deep texts are bounded, and what is within the bounds is taken") {
    const std::string deep(std::size_t(Condition::kMostDepth) + 1, '(');
    CHECK(refusal(deep + "x").find("parentheses and signs") != std::string::npos);
    CHECK(refusal(std::string(200, '-') + "x > 0").find("one in another") != std::string::npos);
    std::string powers = "x";
    for (int i = 0; i < 200; ++i) powers += " ^ x";
    CHECK(!refusal(powers + " > 0").empty());
    std::string sum = "x";
    for (int i = 0; i < 10000; ++i) sum += " + 1";
    CHECK(holds(sum + " == 10002", kRow));
    std::string nested = "x";
    for (int i = 0; i < 40; ++i) nested = "(1 + " + nested + ")";
    CHECK(holds(nested + " == 42", kRow));
    CHECK(refusal(std::string(Condition::kMostText + 1, ' ')).find("bytes at most") !=
          std::string::npos);
  }
}
