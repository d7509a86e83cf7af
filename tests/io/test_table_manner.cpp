#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "io/csv_text.h"
#include "nflow/error.h"

using nflow::CsvFormat;
using nflow::CsvLike;
using nflow::CsvReader;
using nflow::NumberStyle;
using nflow::TableManner;
using namespace csv_text;

// How a table is written, as a model remembers it, and what that says of others.

namespace {

TableManner european() {
  TableManner manner;
  manner.delimiter = ';';
  manner.decimal = ',';
  return manner;
}

/// The rows of a table that may be like one of that manner with columns a and b.
Rows rows_like(const TableManner& manner, const std::string& text, CsvFormat format = {}) {
  format.find = format.find_delimiter = format.find_decimal = true;
  format.missing = CsvFormat::Missing::keep;
  format.like = CsvLike{manner, {"a", "b"}};
  const ScratchFolder folder;
  CsvReader reader(folder.write("a.csv", text), format);
  return read_all(reader).rows;
}

bool refused(const std::string& json) {
  try {
    nflow::parse_manner(json);
  } catch (const nflow::Error&) {
    return true;
  } catch (const nlohmann::json::exception&) {
    return true;
  }
  return false;
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("table manner: as JSON and back") {
    TableManner manner = european();
    manner.thousands = '.';
    manner.comment = '%';
    manner.titles = 3;
    manner.units = 1;
    manner.header = false;
    manner.styles = {{"n", NumberStyle::thousands}, {"t", NumberStyle::date}};
    const std::string json =
        R"({"delimiter":";","decimal":",","thousands":".","comment":"%","skip":3,"units":1,)"
        R"("header":"no","styles":{"n":"thousands","t":"date"}})";
    CHECK(to_json(manner) == json);
    CHECK(to_json(nflow::parse_manner(json)) == json);
    CHECK(to_json(TableManner()) == "{}");
    CHECK(TableManner().is_plain());
    manner = TableManner();
    for (const auto& [delimiter, text] : {std::pair{nflow::kBlanks, R"({"delimiter":"blanks"})"},
                                          {'\t', R"({"delimiter":"\t"})"},
                                          {' ', R"({"delimiter":" "})"}}) {
      manner.delimiter = delimiter;
      CHECK(to_json(manner) == text);
      CHECK(nflow::parse_manner(text).delimiter == delimiter);
    }
    manner.delimiter = '\x01';  // is not remembered
    CHECK(manner.is_plain());
  }

  TEST_CASE("table manner: what a model cannot have") {
    CHECK_FALSE(refused(R"({"later":[1,2]})"));
    for (const char* json :
         {"[]", R"({"delimiter":"\""})", R"({"delimiter":"ab"})", R"({"delimiter":1})",
          R"({"delimiter":"7"})", R"({"decimal":";"})", R"({"thousands":"."})",
          R"({"thousands":"'"})", R"({"comment":""})", R"({"skip":-1})", R"({"skip":1e9})",
          R"({"units":"1"})", R"({"styles":["date"]})", R"({"styles":{"a":"odd"}})"}) {
      CHECK_MESSAGE(refused(json), json);
    }
  }

  TEST_CASE("table manner: what the first lines leave open") {
    const TableManner eu = european();
    CHECK(rows_like(eu, "a;b\n1,125;2\n") == Rows{{1.125, 2}});
    CHECK(rows_like(eu, "a;b\n1.5;2\n") == Rows{{1.5, 2}});
    CHECK(rows_like(eu, "a,b\n1.125,2\n") == Rows{{1.125, 2}});
    CHECK(rows_like(eu, "1,5;2\n") == Rows{{1.5, 2}});
    CHECK(rows_like(eu, "a\tb\n1,5\t2\n") == Rows{{1.5, 2}});
    TableManner blanks;
    blanks.delimiter = nflow::kBlanks;
    CHECK(rows_like(blanks, "10 000\n20 000\n") == Rows{{10, 0}, {20, 0}});
    CHECK(rows_like(blanks, "a, b\n1, 2\n") == Rows{{1, 2}});
    TableManner bars;
    bars.delimiter = '!';
    CHECK(rows_like(bars, "1,5!2,5\n3,5!4,5\n") == Rows{{1.5, 2.5}, {3.5, 4.5}});
  }

  TEST_CASE("table manner: units are seen before a number says so") {
    TableManner units;
    units.units = 1;
    CHECK(rows_like(units, "a,b\nm,s\n,\n1,2\n").size() == 2);
    CHECK(rows_like(units, "a,b\n1,2\n") == Rows{{1, 2}});
    TableManner thousands;
    thousands.styles = {{"a", NumberStyle::thousands}};
    std::string text = "a,b\n";
    for (int i = 0; i < 300; ++i) text += "7,1\n";  // more than are looked at
    CHECK(rows_like(thousands, text + "\"1,000\",2\n").back() == std::vector<double>{1000, 2});
  }
}
