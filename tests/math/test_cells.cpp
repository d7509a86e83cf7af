#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "nflow/cells.h"
#include "nflow/error.h"
#include "nflow/labels.h"
#include "nflow/support.h"

using namespace nflow;

namespace {

Cells category() {
  CellData data;
  data.levels = {"a", "b", "c", "3"};
  data.level_bin = {0, 1, 1, 1};
  data.level_mass = {5, 1, 2, 1};
  data.mass = {5, 4, 1};
  data.hole = true;
  return {parse_support("CATEGORY+{missing}"), data};
}

/// Points 0 and 1, and two intervals that meet between 4 and 5, of which the first has them.
Cells grid(double step = 1) {
  CellData data;
  data.points = {0, step};
  data.edges = {4.5 * step};
  data.rest = {{1, 2}, {3 * step, 8 * step}, {2 * step, 4 * step}};
  data.mass = {6, 4, 2, 1};
  Support support = parse_support("GRID[1]");
  support.step = step;
  return {support, data};
}

Cells positive() {
  CellData data;
  data.points = {0};
  data.edges = {-0.5, 1};
  data.rest = {{1, 1}, {0, 1}, {1, 0.5}};
  data.mass = {3, 1, 2, 2};
  return {parse_support("POSITIVE+{0}"), data};
}

double share(const Cells& cells, double value) {
  const auto bin = static_cast<std::size_t>(cells.to_line(value, 0.5));
  return std::exp(cells.log_mass()[bin] + cells.log_slope(value));
}

/// CHECKs that the value's whole range of the line leads back to it.
void check_back(const Cells& cells, double value) {
  CAPTURE(value);
  CHECK(cells.contains(value));
  for (const double v : {0.001, 0.3, 0.5, 0.999}) {
    const double back = cells.from_line(cells.to_line(value, v));
    if (is_label(value)) {
      CHECK(bits_of(back) == bits_of(value));
    } else if (is_hole(value)) {
      CHECK(is_hole(back));
    } else {
      CHECK(back == value);
    }
  }
}

}  // namespace

TEST_SUITE("math") {
  TEST_CASE("cells: labels and the hole share all of the mass, and come back from the line") {
    const Cells cells = category();
    CHECK(cells.bins() == 3);
    double sum = share(cells, NAN);
    for (Index i = 0; i < 4; ++i) sum += share(cells, label_value(i));
    CHECK(sum == doctest::Approx(1));
    CHECK(share(cells, label_value(2)) == doctest::Approx(0.4 * 2 / 4));
    CHECK(share(cells, NAN) == doctest::Approx(0.1));
    for (Index i = 0; i < 4; ++i) check_back(cells, label_value(i));
    check_back(cells, NAN);
    CHECK(cells.to_line(3, 0.5) == cells.to_line(label_value(3), 0.5));  // a code
    CHECK(cells.scores().empty());
    for (const double none : {label_value(4), label_value(Labels::kUnseen), 2.0, -1.0}) {
      CHECK(!cells.contains(none));
      CHECK(cells.log_slope(none) == -INFINITY);
      CHECK(std::isnan(cells.to_line(none, 0.5)));
    }
  }

  TEST_CASE("cells: the values of a grid share all of the mass, per step") {
    for (const double step : {1.0, 0.1, 0.5}) {
      CAPTURE(step);
      const Cells cells = grid(step);
      CHECK(cells.bins() == 4);
      double sum = 0;
      for (int k = -100; k <= 100; ++k) {
        const double value = step == 0.1 ? k / 10.0 : k * step;
        sum += step * share(cells, value);
        if (k >= -3 && k <= 20) check_back(cells, value);
      }
      CHECK(sum == doctest::Approx(1).epsilon(1e-6));
      CHECK(step * share(cells, 0) == doctest::Approx(6.0 / 13));
      for (const double none : {0.3 * step, label_value(0), double(NAN), double(INFINITY)}) {
        CHECK(!cells.contains(none));
        CHECK(cells.log_slope(none) == -INFINITY);
      }
      const std::vector<double> scores = cells.scores();
      REQUIRE(scores.size() == 4);
      CHECK(scores[0] < scores[1]);
      CHECK(scores[2] < scores[3]);
    }
  }

  TEST_CASE("cells: the density of intervals integrates to what their bins and points leave") {
    const Cells cells = positive();
    // Over log x, evenly.
    const double step = 1e-3;
    double sum = 0;
    for (double u = -8 + step / 2; u < 8; u += step) {
      sum += share(cells, std::exp(u)) * std::exp(u) * step;
    }
    CHECK(sum == doctest::Approx(5.0 / 8).epsilon(1e-4));
    CHECK(share(cells, 0) == doctest::Approx(3.0 / 8));
    check_back(cells, 0);
    for (const double value : {1e-3, 0.2, std::exp(-0.5), 1.0, 2.0, 2.9, 30.0}) {
      CHECK(cells.from_line(cells.to_line(value, 0.5)) == doctest::Approx(value).epsilon(1e-9));
    }
    for (const double none : {-1.0, -1e-300, double(NAN), double(INFINITY), label_value(0)}) {
      CHECK(!cells.contains(none));
    }
  }

  TEST_CASE("cells: any place of the line has a value, and on_line() keeps the place") {
    for (const Cells* cells : {new Cells(parse_support("POSITIVE+{0}"), positive().data()),
                               new Cells(parse_support("GRID[1]"), grid().data()),
                               new Cells(parse_support("CATEGORY+{missing}"), category().data())}) {
      const std::unique_ptr<const Cells> owner(cells);
      for (double u = -1; u < static_cast<double>(cells->bins()) + 1; u += 0.0137) {
        CAPTURE(u);
        CHECK(cells->contains(cells->from_line(u)));
      }
      const auto line = Cells::on_line(*cells);
      CHECK(line->holds_numbers());
      CHECK(line->from_line(0.25) == 0.25);
      CHECK(line->log_slope(0.25) == 0);
    }
  }

  TEST_CASE("cells: what does not hang together is refused") {
    const auto refused = [](const char* support, const CellData& good, const auto& change) {
      CellData data = good;
      change(data);
      CHECK_THROWS_AS(Cells(parse_support(support), data), Error);
    };
    const CellData labels = category().data(), numbers = grid().data();
    refused("CATEGORY", labels, [](CellData& d) { d.level_bin.pop_back(); });
    refused("CATEGORY", labels, [](CellData& d) { d.level_bin = {0, 0, 0, 0}; });
    refused("CATEGORY", labels, [](CellData& d) { d.level_bin[0] = 7; });
    refused("CATEGORY", labels, [](CellData& d) { d.level_mass[1] = 0; });
    refused("CATEGORY", labels, [](CellData& d) { d.mass[0] = NAN; });
    refused("CATEGORY", labels, [](CellData& d) { d.points = {1}; });
    refused("REAL+{0}", labels, [](CellData&) {});
    refused("CATEGORY", numbers, [](CellData&) {});
    refused("GRID[1]", numbers, [](CellData& d) { d.points = {1, 0}; });
    refused("GRID[1]", numbers, [](CellData& d) { d.rest = {}; });
    refused("GRID[1]", numbers, [](CellData& d) { d.rest.deviation[0] = 0; });
    refused("GRID[1]", numbers, [](CellData& d) { d.mass.assign(300, 1); });
    refused("GRID[1]", numbers, [](CellData& d) { d.mass = {1}; });
  }
}
