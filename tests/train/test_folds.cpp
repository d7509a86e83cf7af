#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "nflow/error.h"
#include "nflow/folds.h"
#include "nflow/labels.h"

using namespace nflow;

namespace {

std::vector<Index> sizes_of(const std::vector<Index>& fold, Index folds) {
  std::vector<Index> sizes(std::size_t(folds), 0);
  for (const Index k : fold) ++sizes.at(std::size_t(k));
  return sizes;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("folds have as many rows, drawn from the seed") {
    const std::vector<Index> fold = draw_folds(103, 5, 1);
    const std::vector<Index> sizes = sizes_of(fold, 5);
    CHECK(*std::min_element(sizes.begin(), sizes.end()) == 20);
    CHECK(*std::max_element(sizes.begin(), sizes.end()) == 21);
    CHECK(draw_folds(103, 5, 1) == fold);
    CHECK(draw_folds(103, 5, 2) != fold);
    CHECK(!std::is_sorted(fold.begin(), fold.end()));
    // Neighbours are not in the same fold, nor in different ones, more often than by chance.
    const std::vector<Index> many = draw_folds(20000, 4, 3);
    Index same = 0;
    for (std::size_t i = 1; i < many.size(); ++i) same += many[i] == many[i - 1] ? 1 : 0;
    CHECK(std::fabs(double(same) - 5000) < 4 * std::sqrt(20000 * 0.25 * 0.75));
    CHECK_THROWS_WITH_AS(draw_folds(4, 5, 1), "5 folds need as many rows, and there are 4", Error);
    CHECK_THROWS_AS(draw_folds(4, 1, 1), Error);
  }

  TEST_CASE("no group is in two folds, and the folds are as even as groups allow") {
    std::vector<double> groups;
    for (int i = 0; i < 900; ++i) groups.push_back(label_value(i * 7 % 30));
    for (int i = 0; i < 200; ++i) groups.push_back(label_value(100));
    const std::vector<Index> fold = draw_folds(groups, 5, 1);
    std::map<Index, std::set<Index>> folds_of;
    for (std::size_t i = 0; i < fold.size(); ++i) {
      folds_of[label_number(groups[i])].insert(fold[i]);
    }
    for (const auto& [group, folds] : folds_of) CHECK(folds.size() == 1);
    const std::vector<Index> sizes = sizes_of(fold, 5);
    CHECK(*std::max_element(sizes.begin(), sizes.end()) -
              *std::min_element(sizes.begin(), sizes.end()) <=
          30);
    CHECK(draw_folds(groups, 5, 1) == fold);
    CHECK(draw_folds(groups, 5, 2) != fold);
    CHECK_THROWS_WITH_AS(draw_folds({1, 1, 2, 2}, 3, 1),
                         "3 folds need as many groups, and there are 2", Error);
  }

  TEST_CASE("the mean of folds and both of its errors are those of the formulas") {
    const std::vector<double> values{1, 2, 4, 3, 5, 9};
    const std::vector<Index> fold{0, 1, 0, 1, 2, 2};
    const FoldEstimate found = estimate_folds(values, {}, fold, 3);
    CHECK(found.mean == doctest::Approx(4));
    CHECK(found.error_of_rows == doctest::Approx(std::sqrt(40.0 / 5 / 6)));
    CHECK(found.of_folds == std::vector<double>{2.5, 2.5, 7});
    CHECK(found.error_of_folds == doctest::Approx(std::sqrt(13.5 / 2 / 3)));
    const FoldEstimate weighted = estimate_folds(values, {1, 1, 1, 1, 0, 2}, fold, 3);
    CHECK(weighted.mean == doctest::Approx(28.0 / 6));
    CHECK(weighted.of_folds.back() == doctest::Approx(9));
    const double none = -std::numeric_limits<double>::infinity();
    const FoldEstimate impossible = estimate_folds({1, none, 3, 4}, {}, {0, 0, 1, 1}, 2);
    CHECK(impossible.impossible == 1);
    CHECK(impossible.mean == none);
    CHECK(std::isinf(impossible.error_of_folds));
    CHECK(impossible.of_folds == std::vector<double>{none, 3.5});
  }
}
