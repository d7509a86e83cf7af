#include <doctest/doctest.h>

#include <cmath>

#include "nflow/kinds.h"
#include "nflow/labels.h"

using namespace nflow;

namespace {

/// `rows` values of f(i).
template <class Value>
ColumnValues column(int rows, const Value& f) {
  ColumnValues values;
  for (int i = 0; i < rows; ++i) values.values.push_back(f(i));
  return values;
}

/// Rows of so many labels, in turn.
ColumnValues text(int rows, int labels) {
  ColumnValues values = column(rows, [&](int i) { return label_value(i % labels); });
  for (int i = 0; i < labels; ++i) values.labels.push_back("label " + std::to_string(i));
  return values;
}

/// The support of a column that is modelled, or why it is not.
std::string kind(const ColumnValues& values) {
  const InferredKind inferred = infer_kind(values);
  return inferred.left_out.empty() ? to_text(inferred.support) : inferred.left_out;
}

double irregular(int i) { return std::sin(i * 1.7) * std::exp(std::cos(i * i * 0.37)); }

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("kinds: text is a category where it repeats") {
    CHECK(kind(text(100, 3)) == "CATEGORY");
    CHECK(kind(text(100, 50)) == "CATEGORY");
    CHECK(kind(text(100, 51)) == "is text that hardly repeats");
    CHECK(kind(text(20, 20)) == "CATEGORY");  // too few to tell
    CHECK(kind(text(100, 1)) == "is the same in all rows");
    ColumnValues holes = text(100, 3);
    holes.values[5] = NAN;
    CHECK(kind(holes) == "CATEGORY+{missing}");
    holes = text(100, 1);
    holes.values[5] = NAN;
    CHECK(kind(holes) == "CATEGORY+{missing}");
    ColumnValues codes = text(100, 3);
    codes.values[5] = 7;  // a number among labels is one of them
    CHECK(kind(codes) == "CATEGORY");
  }

  TEST_CASE("kinds: nothing to learn") {
    CHECK(kind(column(50, [](int) { return 4.5; })) == "is the same in all rows");
    CHECK(kind(column(50, [](int) { return NAN; })) == "has no value in any row");
    CHECK(kind(column(50, [](int i) { return i == 3 ? NAN : 4.5; })) != "is the same in all rows");
    CHECK(kind(column(50, [](int i) { return double(i + 1); })) == "counts the rows");
    CHECK(kind(column(50, [](int i) { return double(i + 1000); })) == "counts the rows");
    CHECK(kind(column(7, [](int i) { return double(i + 1); })) == "GRID[1]");
  }

  TEST_CASE("kinds: whole numbers") {
    CHECK(kind(column(50, [](int i) { return double(i % 2); })) == "CATEGORY");
    CHECK(kind(column(50, [](int i) { return double(i % 3); })) == "GRID[1]");
    CHECK(kind(column(3000, [](int i) { return double(i * i % 1009); })) == "INTEGER");
    CHECK(kind(column(3000, [](int i) { return i % 3 == 0 ? 0.0 : double(i * i % 1009); })) ==
          "GRID[1]");
    CHECK(kind(column(3000, [](int i) { return i == 4 ? NAN : double(i * i % 1009); })) ==
          "GRID[1]+{missing}");
    CHECK(kind(column(300, [](int i) { return 1e300 * (i * i % 101); })) == "REAL");
  }

  TEST_CASE("kinds: decimals, and values that many rows share") {
    CHECK(kind(column(300, irregular)) == "REAL");
    CHECK(kind(column(300, [](int i) { return (i * i % 41) / 10.0; })) == "GRID[0.1]");
    CHECK(kind(column(300, [](int i) { return (i * i % 41) / 4.0; })) == "GRID[0.01]");
    CHECK(kind(column(300, [](int i) { return i % 5 == 0 ? 0 : std::fabs(irregular(i)); })) ==
          "POSITIVE+{0}");
    CHECK(kind(column(300, [](int i) { return i % 5 == 0 ? 0 : irregular(i); })) == "REAL+{0}");
    CHECK(kind(column(300, [](int i) { return i % 30 == 0 ? 0 : irregular(i); })) == "REAL");
    CHECK(kind(column(300, [](int i) { return i % 5 == 0 ? NAN : irregular(i); })) ==
          "REAL+{missing}");
    CHECK(kind(column(300, [](int i) { return std::exp(irregular(i)); })) == "REAL");
  }

  TEST_CASE("kinds: bins are fitted to weights, and labels of no row have one too") {
    ColumnValues values = text(90, 3);
    values.labels.push_back("nobody's");
    const Support fitted = fit_cells(parse_support("CATEGORY"), values, 1, 1);
    REQUIRE(fitted.cells);
    CHECK(fitted.cells->bins() == 4);
    CHECK(fitted.contains(label_value(3)));
    values.weights.assign(90, 0);
    for (std::size_t i = 0; i < 90; i += 3) values.weights[i] = 2;
    const CellData weighted = fit_cells(parse_support("CATEGORY"), values, 1, 1).cells->data();
    CHECK(weighted.mass[static_cast<std::size_t>(weighted.level_bin[0])] >
          50 * weighted.mass[static_cast<std::size_t>(weighted.level_bin[1])]);
    CHECK(fit_cells(parse_support("REAL"), values, 1, 1).cells == nullptr);
  }

  TEST_CASE("kinds: of weights the ratios alone count") {
    ColumnValues values = column(400, [](int i) { return i % 7 == 0 ? 0 : i * i % 331; });
    for (int i = 0; i < 400; ++i) values.weights.push_back(1 + i % 3);
    const CellData plain = fit_cells(parse_support("GRID[1]"), values, 1, 1).cells->data();
    for (double& weight : values.weights) weight /= 1024;
    const CellData small = fit_cells(parse_support("GRID[1]"), values, 1, 1).cells->data();
    CHECK(small.points == plain.points);
    CHECK(small.edges == plain.edges);
    CHECK(small.mass == plain.mass);
    CHECK(small.tie_share == plain.tie_share);
  }

  TEST_CASE("kinds: few values beside an atom lie in their support, below 0 too") {
    for (const char* kind : {"[-5,-1]+{0}", "POSITIVE+{0}", "REAL+{0}"}) {
      CAPTURE(kind);
      const double sign = kind[0] == '[' ? -1 : 1;
      const ColumnValues values =
          column(40, [&](int i) { return i % 4 != 0 ? 0 : sign * (1.5 + 0.1 * (i % 11)); });
      const Support support = fit_cells(parse_support(kind), values, 1, 1);
      REQUIRE(support.cells);
      const NormalMixture& rest = support.cells->data().rest;
      REQUIRE(rest.mean.size() == 1);
      const double middle = support.base().from_line(rest.mean.front());
      CHECK(std::fabs(middle) > 1.4);
      CHECK(std::fabs(middle) < 2.6);
    }
  }

  TEST_CASE("kinds: whole numbers that bins hold are a grid") {
    CHECK(to_text(fit_cells(parse_support("INTEGER"), column(100, [](int i) { return i % 9; }), 1,
                            1)) == "GRID[1]");
    CHECK(to_text(fit_cells(parse_support("INTEGER"),
                            column(2000, [](int i) { return i * 7919 % 1000003; }), 1, 1)) ==
          "INTEGER");
  }

  TEST_CASE("kinds: few texts among numbers are marks for missing") {
    ColumnValues values = column(60, [](int i) { return i * 1.5; });
    values.labels = {"?", "12.25"};
    values.values[3] = label_value(0);
    values.values[4] = label_value(1);
    CHECK(take_marks(values) == std::vector<std::string>{"?"});
    CHECK(std::isnan(values.values[3]));
    CHECK(values.values[4] == 12.25);
    CHECK(values.labels.empty());
    CHECK(take_marks(values).empty());

    ColumnValues many = column(60, [](int i) { return i < 4 ? label_value(i) : i; });
    many.labels = {"a", "b", "c", "d"};
    CHECK(take_marks(many).empty());
    CHECK(many.labels.size() == 4);
    ColumnValues few = column(60, [](int i) { return i == 0 ? label_value(0) : i % 5; });
    few.labels = {"odd"};
    CHECK(take_marks(few).empty());
    few.labels = {"N/A"};  // known to be a mark
    CHECK(take_marks(few) == std::vector<std::string>{"N/A"});
    ColumnValues lost = column(60, [](int i) { return i == 0 ? label_value(9) : i; });
    lost.labels = {"?"};
    CHECK(take_marks(lost).empty());
    // Most of a column may be a mark where another column shows that it is one.
    ColumnValues most = column(60, [](int i) { return i % 4 != 0 ? label_value(0) : i; });
    most.labels = {"MM"};
    CHECK(take_marks(most).empty());
    CHECK(take_marks(most, {"MM"}) == std::vector<std::string>{"MM"});
    CHECK(std::isnan(most.values[1]));
  }

  TEST_CASE("kinds: where nothing else is there, text that hardly repeats is modelled") {
    std::vector<InferredKind> kinds{infer_kind(text(100, 90)),
                                    infer_kind(column(50, [](int i) { return i + 1; }))};
    leave_some(kinds);
    CHECK(kinds[0].left_out.empty());
    CHECK(kinds[1].left_out == "counts the rows");
    kinds = {infer_kind(text(100, 90)), infer_kind(text(100, 3))};
    leave_some(kinds);
    CHECK(kinds[0].left_out == "is text that hardly repeats");
  }
}
