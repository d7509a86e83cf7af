#include <doctest/doctest.h>

#include "io/carried_error.h"
#include "nflow/csv_help.h"

using nflow::CsvError;
using nflow::CsvHelp;
using nflow::Error;

namespace {

/// What those behind the first carry does not matter.
std::vector<char> bytes_of(const Error& first) {
  const std::string bytes = carried(first) + carried(Error("another"));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("carried errors: all of the help arrives, whatever bytes it has") {
    CsvHelp help{CsvHelp::Kind::text_columns, '\t', "1.234\xFF", std::string("1\0", 2)};
    help.first_row = true;
    help.columns = {{0, "a"}, {1 << 20, ""}, {2, "\xFF\n"}};
    help.label_column = "\xE9";
    try {
      nflow::throw_carried(bytes_of(CsvError("t.csv:3: \xFF", help)));
    } catch (const CsvError& error) {
      CHECK(std::string(error.what()) == "t.csv:3: \xFF");
      CHECK(error.help().kind == help.kind);
      CHECK(error.help().mark == help.mark);
      CHECK(error.help().text == help.text);
      CHECK(error.help().joined == help.joined);
      CHECK(error.help().first_row);
      REQUIRE(error.help().columns.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(error.help().columns[i].place == help.columns[i].place);
        CHECK(error.help().columns[i].name == help.columns[i].name);
      }
      CHECK(error.help().label_column == help.label_column);
    }
  }

  TEST_CASE("carried errors: one without help has none") {
    CHECK_THROWS_WITH_AS(nflow::throw_carried(bytes_of(Error("no space"))), "no space", Error);
    CHECK_THROWS_WITH_AS(nflow::throw_carried(bytes_of(CsvError("a", {}))), "a", Error);
  }
}
