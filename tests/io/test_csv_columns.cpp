#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/error.h"
#include "nflow/name_index.h"

using nflow::find_column;
using nflow::find_columns;
using nflow::UsageError;

namespace {

using Names = std::vector<std::string>;
using Columns = std::vector<nflow::Index>;

const Names taxi{"fare", "tip", "distance", "pick-up", "7", "2-3"};

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("find_columns: names, indices and ranges") {
    CHECK(find_columns(taxi, "tip") == Columns{1});
    CHECK(find_columns(taxi, "distance,fare") == Columns{2, 0});
    CHECK(find_columns(taxi, " tip , 1") == Columns{1, 0});
    CHECK(find_columns(taxi, "1,3-5") == Columns{0, 2, 3, 4});
    CHECK(find_columns(taxi, "4-4") == Columns{3});
    CHECK(find_columns(taxi, "01") == Columns{0});
  }

  TEST_CASE("find_columns: a name wins over an index") {
    CHECK(find_columns(taxi, "pick-up") == Columns{3});
    CHECK(find_columns(taxi, "7") == Columns{4});
    CHECK(find_columns(taxi, "2-3") == Columns{5});
    CHECK(find_columns({"2", "1"}, "1,2") == Columns{1, 0});
  }

  TEST_CASE("find_columns: ranges of names") {
    const Names years{"Country", "2018", "2019", "2020", "a-b", "c"};
    CHECK(find_columns(years, "2019-2020") == Columns{2, 3});
    CHECK(find_columns(years, "Country-2019,c") == Columns{0, 1, 2, 5});
    CHECK(find_columns(years, "a-b") == Columns{4});
    CHECK(find_columns(years, "a-b-c") == Columns{4, 5});
    CHECK(find_columns(years, "2018 - 2018") == Columns{1});
    CHECK(find_columns(years, "2-3") == Columns{1, 2});
    CHECK_THROWS_WITH_AS(find_columns(years, "2020-2018"),
                         "the range of columns 2020-2018 is backwards", UsageError);
  }

  TEST_CASE("find_columns: names with commas, alone or in double quotes") {
    const Names names{"Hi, there", "b", "say \"hi\", Ann"};
    CHECK(find_columns(names, "Hi, there") == Columns{0});
    CHECK(find_columns(names, "\"Hi, there\"") == Columns{0});
    CHECK(find_columns(names, "b, \"Hi, there\" ,3") == Columns{1, 0, 2});
    CHECK(find_columns(names, "\"say \"\"hi\"\", Ann\",b") == Columns{2, 1});
    CHECK(find_columns(names, "\"b\"") == Columns{1});
    CHECK_THROWS_WITH_AS(find_columns(names, "b,Hi, there"),
                         "no column 'Hi'; a name with a comma stands in double quotes: "
                         "'\"Hi, there\"'",
                         UsageError);
    CHECK_THROWS_WITH_AS(find_columns(names, "\"Hi, there"),
                         "no column 'Hi'; a name with a comma stands in double quotes: "
                         "'\"Hi, there\"'",
                         UsageError);
    CHECK_THROWS_WITH_AS(find_columns(names, "\"b,c\",b"), "no column 'b,c'", UsageError);
  }

  TEST_CASE("find_columns: what is not there") {
    const auto check = [](const Names& names, const char* selection, const char* text) {
      CHECK_THROWS_WITH_AS(find_columns(names, selection), text, UsageError);
    };
    check(taxi, "tpi", "no column 'tpi'; did you mean 'tip'?");
    check(taxi, "Fare", "no column 'Fare'; did you mean 'fare'?");
    check(taxi, "altitude", "no column 'altitude'");
    check(taxi, "pick-down", "no column 'pick-down'");
    check(taxi, "8", "no column 8: there are 6 columns");
    check(taxi, "0", "no column 0: there are 6 columns");
    check(taxi, "99999999999999999999", "no column 99999999999999999999: there are 6 columns");
    check({"a"}, "2", "no column 2: there is 1 column");
    check(taxi, "4-9", "no column 9: there are 6 columns");
    check(taxi, "5-4", "the range of columns 5-4 is backwards");
    check(taxi, "tip,2", "column 'tip' is named twice");
    check(taxi, "1-3,distance", "column 'distance' is named twice");
    check(taxi, "", "the list of columns has an empty entry");
    check(taxi, "tip,", "the list of columns has an empty entry");
  }

  TEST_CASE("find_columns: a name that two columns bear") {
    const Names names{"a", "b", "a"};
    CHECK_THROWS_WITH_AS(find_columns(names, "a"), "columns 1 and 3 are both named 'a'",
                         UsageError);
    CHECK(find_columns(names, "3,b,1") == Columns{2, 1, 0});
    CHECK(nflow::both_named(4, 1, "a\tb") == "columns 2 and 5 are both named 'a\\tb'");
  }

  TEST_CASE("find_column: exactly that name") {
    CHECK(find_column(taxi, "7") == 4);
    CHECK(find_column({"a,b", "c"}, "a,b") == 0);
    CHECK_THROWS_AS(find_column(taxi, "1"), UsageError);
    CHECK_THROWS_AS(find_column({"a", "a"}, "a"), UsageError);
  }

  TEST_CASE("find_columns: names of a list are found by scans and by a table alike") {
    const Names names{"a", "b", "a", "c", "a", ""};
    nflow::NameIndex index(names);
    for (int ask = 0; ask < 20; ++ask) {
      CAPTURE(ask);
      CHECK(index.find("b").first == 1);
      CHECK(index.find("b").second == -1);
      CHECK(index.find("a").first == 0);
      CHECK(index.find("a").second == 2);
      CHECK(index.find("").first == 5);
      CHECK(index.find("d").first == -1);
    }
  }

  TEST_CASE(
      "find_columns: many names among many columns take their sum in time, not their product") {
    Names names;
    for (int i = 0; i < 1000000; ++i) names.push_back("column" + std::to_string(i));
    std::string selection = "column0";
    for (int i = 0; i < 20000; ++i) selection += ",column" + std::to_string(999999 - 7 * i);
    const auto start = std::chrono::steady_clock::now();
    const Columns found = find_columns(names, selection);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    CHECK(found.size() == 20001);
    CHECK(found.back() == 999999 - 7 * 19999);
    CHECK(taken.count() < 10);
  }
}
