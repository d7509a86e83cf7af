#include <doctest/doctest.h>

#include <random>
#include <string>
#include <thread>
#include <utility>

#include "io/compressed.h"
#include "io/csv_text.h"
#include "io/pipe.h"

using compressed::bzip2;
using compressed::gzip;
using compressed::xz;
using compressed::zip_member;
using compressed::zip_of;
using compressed::zstd;
using nflow::CsvChunk;
using nflow::CsvReader;
using namespace csv_text;

namespace {

struct Compressor {
  std::string name;
  std::size_t magic;  // bytes that tell it
  std::string (*call)(const std::string&);

  std::string operator()(const std::string& text) const { return call(text); }
};
const Compressor kCompressors[] = {
    {"gzip", 2, gzip}, {"bzip2", 10, bzip2}, {"zstd", 4, zstd}, {"xz", 6, xz}};

/// Numbers that do not compress well, so that there are several blocks.
std::string long_table(int rows) {
  std::mt19937 random(1);
  std::string text = "a,b\n";
  for (int i = 0; i < rows; ++i)
    text += std::to_string(random()) + "," + std::to_string(random()) + "\n";
  return text;
}

/// The rows before the reader complains, and what it says.
std::pair<std::size_t, std::string> rows_and_error(const std::string& bytes) {
  const ScratchFolder folder;
  std::size_t rows = 0;
  try {
    CsvReader reader(folder.write("a.csv", bytes), {});
    CsvChunk chunk;
    while (reader.read(chunk, 100)) rows += chunk.line.size();
  } catch (const nflow::Error& error) {
    return {rows, folder.without_folder(error.what())};
  }
  return {rows, ""};
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("csv: compressed files are read by their content") {
    const std::string text = long_table(100'000);
    const Rows rows = rows_of(text);
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      const Content content = parse(compress(text));
      CHECK(content.rows == rows);
      CHECK(content.line.back() == 100'001);
      CHECK(parse(compress("\xEF\xBB\xBF"
                           "a,b\r\n1,2"))
                .names == Names{"a", "b"});
      CHECK(error_of(compress("a,b\n1,x\n")) ==
            "a.csv:2: column 2 (b): found 'x', expected a number");
      CHECK(error_of(compress("")) == "a.csv: the file is empty");
    }
  }

  TEST_CASE("csv: compressed files are compressed pieces, one after the other") {
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      const std::string head = compress("a,b\n1,"), empty = compress(""), tail = compress("2\n3,4");
      CHECK(rows_of(head + empty + tail + empty) == Rows{{1, 2}, {3, 4}});
      const auto [rows, error] = rows_and_error(compress("a,b\n1,2\n") + "more than a header has");
      CHECK(rows == 1);
      CHECK(error.find("a.csv: the " + compress.name + " data are damaged: ") == 0);
    }
    const std::string zeros(1000, '\0');  // as tapes have them
    CHECK(rows_of(gzip("a,b\n1,2\n") + zeros) == Rows{{1, 2}});
    CHECK(rows_of(gzip("a,b\n1,") + zeros + gzip("2\n")) == Rows{{1, 2}});
    CHECK(rows_of(xz("a,b\n1,2\n") + zeros) == Rows{{1, 2}});
    CHECK(rows_of(xz("a,b\n1,") + zeros + xz("2\n")) == Rows{{1, 2}});
    const std::string skipped = std::string("\x50\x2a\x4d\x18\4\0\0\0", 8) + "note";
    CHECK(rows_of(skipped + zstd("a,b\n1,2\n") + skipped) == Rows{{1, 2}});
  }

  TEST_CASE(
      "csv: compressed data that are cut short or damaged end in an error, behind their rows") {
    const std::string text = long_table(30'000);
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      const std::string whole = compress(text), start = "a.csv: the " + compress.name;
      for (const std::size_t size : {whole.size() - 1, whole.size() - 8, 4 * whole.size() / 5}) {
        const auto [rows, error] = rows_and_error(whole.substr(0, size));
        CHECK(rows > 10'000);
        CHECK(rows <= 30'000);
        CHECK(error == start + " data are cut short");
      }
      for (const std::size_t size : {compress.magic, compress.magic + 3, std::size_t{20}})
        CHECK(error_of(whole.substr(0, size)) == start + " data are cut short");
      std::mt19937 random(1);
      for (int i = 0; i < 100; ++i) {
        std::string damaged = whole;
        damaged[6 + random() % (whole.size() - 6)] ^= char(1 + random() % 255);
        const auto [rows, error] = rows_and_error(damaged);
        CHECK(rows <= 30'000);
        // A flip may also hit the time or the name of a file, which nobody reads, or make a number
        // no number before the checksum comes.
        const bool is_told = error.empty() || error.find("a.csv:") == 0;
        CHECK(is_told);
      }
    }
  }

  TEST_CASE("csv: every way of cutting a short compressed file") {
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      const std::string whole = compress("a,b\n1,2\n3,4\n") + compress("5,6\n");
      for (std::size_t size = compress.magic; size < whole.size(); ++size) {
        const auto [rows, error] = rows_and_error(whole.substr(0, size));
        if (!error.empty()) {
          CHECK(error == "a.csv: the " + compress.name + " data are cut short");
        } else {
          CHECK(size == compress("a,b\n1,2\n3,4\n").size());
          CHECK(rows == 2);
        }
      }
    }
  }

  TEST_CASE("csv: a slow pipe of compressed data streams") {
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      Pipe pipe;
      pipe.write(compress("a,b\n1,2\n"));
      CsvReader reader(pipe.name(), {});
      CsvChunk chunk;
      REQUIRE(reader.read(chunk, 100));
      CHECK(chunk.rows.rows() == 1);
      const std::string next = compress("3,4\n5,6\n");
      pipe.write(next.substr(0, 5));  // nothing comes of this yet
      pipe.write(next.substr(5));
      REQUIRE(reader.read(chunk, 100));
      CHECK(chunk.rows(0, 1) == 4);
      pipe.write(compress("7,8\n").substr(0, 9));
      pipe.close();
      CHECK_THROWS_AS(while (reader.read(chunk, 100)) continue, nflow::Error);
    }
  }

  TEST_CASE("csv: rows do not wait for compressed data that give nothing yet") {
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      Pipe pipe;
      pipe.write(compress("a,b\n1,2\n") + compress("3,4\n").substr(0, 6));
      CsvReader reader(pipe.name(), {});
      CsvChunk chunk;
      REQUIRE(reader.read(chunk, 100));  // would hang
      CHECK(chunk.rows.rows() == 1);
    }
  }

  TEST_CASE("csv: a pipe whose first bytes come one by one") {
    for (const std::string& text :
         {gzip("a,b\n1,2\n"), bzip2("a,b\n1,2\n"), zip_of(zip_member("a.csv", "a,b\n1,2\n")),
          zstd("a,b\n1,2\n"), xz("a,b\n1,2\n"), std::string("(,b\n1,2\n"), std::string("(\n1\n"),
          std::string("P\n7")}) {
      Pipe pipe;
      std::thread writer([&] {
        for (const char c : text) pipe.write({c});
        pipe.close();
      });
      CsvReader reader(pipe.name(), {});
      const Content content = read_all(reader);
      CHECK(content.has_header);
      CHECK(content.rows.size() == 1);
      writer.join();
    }
  }

  TEST_CASE("csv: compressed lines are as long as others may be") {
    const std::string blank(100'000'000, ' ');
    for (const Compressor& compress : kCompressors) {
      CAPTURE(compress.name);
      CHECK(error_of(compress("a,b\n1," + blank)) == "a.csv:2: the line is longer than 16 MiB");
    }
  }

  TEST_CASE("csv: an xz file that asks for more memory than any preset of xz is refused") {
    const auto packed = [](std::uint32_t dictionary) {
      lzma_options_lzma options;
      lzma_lzma_preset(&options, 9);
      options.dict_size = dictionary;
      lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
      const std::string text = "a,b\n1,2\n";
      std::string bytes(1000, '\0');
      std::size_t size = 0;
      REQUIRE(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, nullptr,
                                        reinterpret_cast<const std::uint8_t*>(text.data()),
                                        text.size(), reinterpret_cast<std::uint8_t*>(bytes.data()),
                                        &size, bytes.size()) == LZMA_OK);
      return bytes.substr(0, size);
    };
    CHECK(rows_of(packed(64 << 20)) == Rows{{1, 2}});
    CHECK(error_of(packed(128 << 20)) == "a.csv: the xz data are damaged: too large a dictionary");
  }

  TEST_CASE("csv: a zip archive of one file") {
    const std::string text = long_table(20'000);
    const Rows rows = rows_of(text);
    for (const bool stored : {false, true}) {
      CHECK(rows_of(zip_of(zip_member("t.csv", text, stored))) == rows);
    }
    CHECK(rows_of(zip_of(zip_member("t.csv", text, false, true))) == rows);
    const std::string around = zip_member("data/", "", true) + zip_member("data/t.csv", text) +
                               zip_member("__MACOSX/._t.csv", "what macOS keeps");
    CHECK(rows_of(zip_of(around)) == rows);
  }

  TEST_CASE("csv: zip archives that are no table") {
    const std::string one = zip_member("a.csv", "a,b\n1,2\n");
    const auto [rows, error] = rows_and_error(zip_of(one + zip_member("b.csv", "a,b\n1,2\n")));
    CHECK(rows == 1);
    CHECK(error == "a.csv: the zip archive holds more than one file; unzip it and name one");
    CHECK(error_of(std::string("PK\5\6") + std::string(18, '\0')) ==
          "a.csv: the zip archive holds no file");
    CHECK(error_of(zip_of(zip_member("[Content_Types].xml", "<x/>"))) ==
          "a.csv: found an office document such as .xlsx or .docx, expected CSV; save the table as "
          "CSV");
    std::string secret = zip_of(one);
    secret[6] = 1;
    CHECK(error_of(secret) == "a.csv: the zip archive is encrypted; unzip it first");
    std::string damaged = zip_of(one);
    damaged[14] = static_cast<char>(damaged[14] + 1);  // of the checksum
    CHECK(rows_and_error(damaged).second ==
          "a.csv: the zip data are damaged: what was packed does not fit its checks");
    for (std::size_t size = 4; size < one.size(); ++size) {
      CHECK(rows_and_error(one.substr(0, size)).second == "a.csv: the zip data are cut short");
    }
  }

  TEST_CASE("csv: a tar archive, packed or not, is named") {
    std::string tar =
        "a.csv" + std::string(252, '\0') + "ustar" + std::string(250, '\0') + "a\n1\n";
    CHECK(error_of(tar) == "a.csv: found tar data, expected CSV; unpack it first");
    CHECK(error_of(gzip(tar)) == "a.csv: found tar data, expected CSV; unpack it first");
  }

  TEST_CASE("csv: UTF-16 of either end") {
    const auto utf16 = [](const std::u16string& text, bool little) {
      std::string bytes;
      for (const char16_t unit : u"\uFEFF" + text) {
        const char low = static_cast<char>(unit & 255), high = static_cast<char>(unit >> 8);
        bytes += little ? low : high;
        bytes += little ? high : low;
      }
      return bytes;
    };
    for (const bool little : {true, false}) {
      const Content a = parse(utf16(u"a,caf\u00E9,\U0001F40D\r\n1,2,3\r\n", little));
      CHECK(a.names == Names{"a", "caf\xC3\xA9", "\xF0\x9F\x90\x8D"});
      CHECK(a.rows == Rows{{1, 2, 3}});
      const std::string odd = utf16(u"a\n1\n", little) + "x";
      CHECK(error_of(odd) == "a.csv: the UTF-16 data are cut short");
      CHECK(error_of(utf16(u"a\n" + std::u16string(1, 0xDC00), little)) ==
            "a.csv: the UTF-16 data are damaged: half of a character of two units");
    }
  }

  TEST_CASE("csv: other formats are named") {
    const std::string rest(20, '\0');
    const std::pair<const char*, std::string> formats[] = {
        {"SQLite", std::string("SQLite format 3\0", 16)},
        {"Arrow", std::string("ARROW1\0\0", 8)},
        {"Feather", "FEA1"},
        {"HTML", "<!DOCTYPE html>"},
        {"lz4", "\x04\x22\x4d\x18"},
        {"Parquet", "PAR1\x15"},
        {"HDF5", "\x89HDF\r\n"}};
    for (const auto& [name, magic] : formats) {
      CHECK(error_of(magic + rest) ==
            "a.csv: found " + std::string(name) +
                " data, expected CSV, plain or in gzip, bzip2, zstd, xz or zip");
    }
    CHECK(rows_of("PK\n1\n") == Rows{{1}});
    CHECK(rows_of("BZh9\n1\n") == Rows{{1}});
  }
}
