#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "io/csv_text.h"

using nflow::CsvFormat;
using namespace csv_text;

// Arrays as numpy.save() writes them.

namespace {

std::string array_of(const std::string& header, const std::string& numbers, int version = 1) {
  std::string file = std::string("\x93NUMPY") + static_cast<char>(version) + '\0';
  const std::size_t length = header.size() + 1;
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(length >> 8 * i & 255);
  return file + header + "\n" + numbers;
}

std::string described(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': " + type + ", 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }   ";
}

template <class T>
std::string bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

const double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("numpy: rows and columns, in either order, bit by bit") {
    const std::vector<double> numbers{0.1, -0.0, 5e-324, 1e308, 1.0 / 3, 123456789};
    const Content rows = parse(array_of(described("'<f8'", "(3, 2)"), bytes_of(numbers)));
    CHECK(rows.names == Names{"x1", "x2"});
    REQUIRE(rows.rows.size() == 3);
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(std::memcmp(&rows.rows[i / 2][i % 2], &numbers[i], sizeof(double)) == 0);
    }
    const Content columns = parse(array_of(described("'<f8'", "(3, 2)", true), bytes_of(numbers)));
    CHECK(columns.rows == Rows{{0.1, 1e308}, {-0.0, 1.0 / 3}, {5e-324, 123456789}});
    CHECK(rows_of(array_of(described("'<i8'", "(2,)"),
                           bytes_of(std::vector<std::int64_t>{-7, std::int64_t{1} << 53}), 2)) ==
          Rows{{-7}, {9007199254740992}});
    CHECK(rows_of(array_of(described("'<i4'", "(1, 2)"),
                           bytes_of(std::vector<std::int32_t>{-2147483647, 5}))) ==
          Rows{{-2147483647, 5}});
    CHECK(rows_of(array_of(described("'<f4'", "(2, 1)"), bytes_of(std::vector<float>{0.1F, 2}))) ==
          Rows{{static_cast<double>(0.1F)}, {2}});
  }

  TEST_CASE("numpy: named fields") {
    std::string numbers;
    for (int i = 0; i < 3; ++i) {
      numbers += bytes_of(std::vector<double>{i + 0.5}) + bytes_of(std::vector<std::int32_t>{i});
    }
    const Content a =
        parse(array_of(described("[('wait, s', '<f8'), ('n', '<i4')]", "(3,)"), numbers, 3));
    CHECK(a.names == Names{"wait, s", "n"});
    CHECK(a.rows == Rows{{0.5, 0}, {1.5, 1}, {2.5, 2}});
  }

  TEST_CASE("numpy: NaN is missing") {
    CsvFormat keeping;
    keeping.missing = CsvFormat::Missing::keep;
    const std::string two =
        array_of(described("'<f8'", "(2, 2)"), bytes_of(std::vector<double>{1, kNaN, kNaN, 4}));
    const Content a = parse(two, keeping);
    CHECK(a.text == std::vector<std::string>{"1,", ",4"});
    const std::string one =
        array_of(described("'<f8'", "(3,)"), bytes_of(std::vector<double>{kNaN, 1, kNaN}));
    CHECK(parse(one, keeping).rows.size() == 3);
  }

  TEST_CASE("numpy: what is no table") {
    const std::string numbers = bytes_of(std::vector<double>{1, 2, 3, 4});
    const auto refused = [&](const std::string& header) {
      return error_of(array_of(header, numbers));
    };
    CHECK(refused(described("'|O'", "(4,)")) ==
          "a.csv: found an array of numpy with dtype '|O', expected float64, float32, int64 or "
          "int32; save it as one of these");
    for (const char* shape : {"()", "(1, 2, 2)", "(4, 0)", "(1, 99999999)"}) {
      CHECK(refused(described("'<f8'", shape)) ==
            "a.csv: found an array of numpy with shape " + std::string(shape) +
                ", expected rows and columns, or rows of named fields");
    }
    CHECK(refused(described("[('a', '<f8', (2,))]", "(2,)")) ==
          "a.csv: found an array whose fields are arrays, expected numbers");
    CHECK(refused(described("[('a', [('b', '<f8')])]", "(2,)")) ==
          "a.csv: found an array whose fields have fields, expected numbers");
    CHECK(refused(described("'<f8'", "(999999999, 9)", true)).find("2 GiB") != std::string::npos);
    CHECK(refused("{'shape': (4,)   ") ==
          "a.csv: the numpy data are damaged: its header is not as numpy writes it");
    // No text stands for a number, the words of a message neither.
    CHECK(refused(described("'<f8'", "(4a number, 99)")) ==
          "a.csv: the numpy data are damaged: its header is not as numpy writes it");
    CHECK(refused(described("'<f8'", "(3,)")) ==
          "a.csv: the numpy data are damaged: numbers follow its last row");
    CHECK(refused(described("'<f8'", "(5,)")) == "a.csv: the numpy data are cut short");
  }

  TEST_CASE("numpy: every way of cutting a file") {
    const std::string whole =
        array_of(described("'<i4'", "(2, 2)"), bytes_of(std::vector<std::int32_t>{1, 2, 3, 4}));
    for (std::size_t size = 6; size < whole.size(); ++size) {
      CHECK(error_of(whole.substr(0, size)).find("cut short") != std::string::npos);
    }
    CHECK(error_of(array_of(described("'<f8'", "(0, 2)"), "")).empty());
  }
}
