#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "io/csv_text.h"
#include "io/pipe.h"

using nflow::CsvChunk;
using nflow::CsvReader;
using namespace csv_text;

// Each read() here would hang if the reader waited for more than it needs.
TEST_SUITE("io") {
  TEST_CASE("csv: a row is out as soon as its line end is in") {
    Pipe pipe;
    pipe.write("a,b\n");
    CsvReader reader(pipe.name(), {});
    CHECK(reader.names() == Names{"a", "b"});
    CsvChunk chunk;
    pipe.write("1,2\n3");
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 1);
    CHECK(chunk.rows(0, 1) == 2);
    pipe.write(",4\r\n5,6\n");
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 2);
    CHECK(chunk.rows(0, 0) == 3);
    CHECK(chunk.rows(1, 1) == 6);
    CHECK(chunk.line == Lines{3, 4});
    pipe.write("7,8");
    pipe.close();
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows(0, 0) == 7);
    CHECK_FALSE(reader.read(chunk, 100));
    CHECK_FALSE(reader.read(chunk, 100));
  }

  TEST_CASE("csv: a first row without a header is out, too") {
    Pipe pipe;
    pipe.write("1,2\n");
    CsvReader reader(pipe.name(), {});
    CsvChunk chunk;
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 1);
  }

  TEST_CASE("csv: rows do not wait for a record that is not complete") {
    Pipe pipe;
    pipe.write("a,b\n1,2\n\"3");
    CsvReader reader(pipe.name(), {});
    CsvChunk chunk;
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 1);
    pipe.write("\",\"4\"\n5,\"");
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows(0, 1) == 4);
    pipe.write("6\"\n");
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows(0, 1) == 6);
  }

  TEST_CASE("csv: rows left out do not end the table") {
    Pipe pipe;
    nflow::CsvFormat format;
    format.missing = nflow::CsvFormat::Missing::drop;
    pipe.write("a,b\nNA,1\n");
    CsvReader reader(pipe.name(), format);
    std::thread writer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      pipe.write("1,2\n");
    });
    CsvChunk chunk;
    REQUIRE(reader.read(chunk, 100));
    CHECK(chunk.rows.rows() == 1);
    CHECK(reader.dropped() == 1);
    writer.join();
  }

  TEST_CASE("csv: a pipe that gives byte after byte") {
    Pipe pipe;
    std::string text =
        "\xEF\xBB\xBF"
        "a,b\r\n";
    Rows expected;
    for (int i = 0; i < 20; ++i) {
      text += std::to_string(i) + ",\"" + std::to_string(i * i) + "\"\r\n";
      expected.push_back({double(i), double(i * i)});
    }
    std::thread writer([&] {
      for (const char c : text) {
        pipe.write({c});
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
      pipe.close();
    });
    CsvReader reader(pipe.name(), {});
    CHECK(read_all(reader).rows == expected);
    writer.join();
  }

  TEST_CASE("csv: standard input, though it be non-blocking") {
    Pipe pipe;
    const int saved = ::dup(STDIN_FILENO);
    ::dup2(pipe.read_end(), STDIN_FILENO);
    ::fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
    std::thread writer([&] {
      for (const char* text : {"a,", "b\n1,", "2\n"}) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        pipe.write(text);
      }
      pipe.close();
    });
    {
      CsvReader reader("-", {});
      CHECK(reader.name() == "standard input");
      CHECK(read_all(reader).rows == Rows{{1, 2}});
    }
    writer.join();
    ::dup2(saved, STDIN_FILENO);
    ::close(saved);
  }
}
