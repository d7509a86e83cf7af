#include <doctest/doctest.h>

#include <random>
#include <string>

#include "io/csv_fields.h"
#include "nflow/csv.h"
#include "nflow/csv_record.h"

using namespace nflow;

namespace {

using Fields = std::vector<std::string_view>;

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("raw fields are those of the record, as they stand there") {
    CHECK(raw_fields("a, b ,\"c,\"\"d\" ,", ',') == Fields{"a", " b ", "\"c,\"\"d\" ", ""});
    CHECK(raw_fields("", ',') == Fields{""});
    CHECK(raw_fields("x\ty\t\"p\tq\"", '\t') == Fields{"x", "y", "\"p\tq\""});
    CHECK(raw_fields("  a \"b c\"\t1 ", kBlanks) == Fields{"a", "\"b c\"", "1"});
    CHECK(raw_fields("   ", kBlanks).empty());
    CHECK(raw_fields("\"two\nlines\",1", ',') == Fields{"\"two\nlines\"", "1"});
  }

  TEST_CASE("raw fields are as many as a record is cut into, and hold the same") {
    std::mt19937 random(1);
    const std::string letters = "ab,,\"\" \t;1";
    for (const char delimiter : {',', ';', '\t', kBlanks}) {
      for (int round = 0; round < 20000; ++round) {
        std::string record;
        for (auto n = random() % 14; n > 0; --n) record += letters[random() % letters.size()];
        std::vector<Field> cut;
        if (!split_record(record, delimiter, cut)) continue;
        const Fields raw = raw_fields(record, delimiter);
        CAPTURE(record);
        REQUIRE(raw.size() == cut.size());
        for (std::size_t i = 0; i < raw.size(); ++i) {
          const bool holds = cut[i].text.empty() || raw[i].find(cut[i].text) != raw[i].npos;
          REQUIRE(holds);
          REQUIRE(raw[i].data() >= record.data());
          REQUIRE(raw[i].data() + raw[i].size() <= record.data() + record.size());
        }
      }
    }
  }
}
