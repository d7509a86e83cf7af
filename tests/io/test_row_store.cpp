#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "io/row_store.h"
#include "io/scratch_folder.h"
#include "nflow/error.h"

using namespace nflow;

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// Names another folder for scratch files, and takes that back.
class OtherFolder {
 public:
  explicit OtherFolder(const std::string& path) {
    if (const char* name = ::getenv("TMPDIR")) before_ = name;
    ::setenv("TMPDIR", path.c_str(), 1);
  }
  ~OtherFolder() {
    before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1);
  }

 private:
  std::string before_;
};

/// `rows` rows appended in pieces of all sizes; the number at place i is i.
RowStore filled(Index rows, Index cols, std::uint64_t budget) {
  RowStore store(cols, budget);
  std::mt19937 random(1);
  std::vector<double> piece;
  for (Index done = 0; done < rows;) {
    const Index count = std::min<Index>(rows - done, 1 + random() % 70000);
    piece.resize(static_cast<std::size_t>(count * cols));
    std::iota(piece.begin(), piece.end(), static_cast<double>(done * cols));
    store.append(piece.data(), count);
    done += count;
  }
  store.finish();
  return store;
}

void check_reads(const RowStore& store, Index rows, Index cols) {
  CHECK(store.rows() == rows);
  CHECK(store.bytes() == static_cast<std::uint64_t>(rows * cols) * sizeof(double));
  std::mt19937 random(2);
  std::vector<double> read;
  for (int i = 0; i < 200; ++i) {
    const Index first = static_cast<Index>(random() % static_cast<unsigned>(rows));
    const Index count = std::min<Index>(rows - first, random() % (i % 10 == 0 ? 300000 : 300));
    read.assign(static_cast<std::size_t>(count * cols), -1);
    store.will_read(first, count);
    store.read(first, count, read.data());
    bool right = true;
    for (std::size_t k = 0; k < read.size(); ++k) {
      right = right && read[k] == static_cast<double>(first * cols) + static_cast<double>(k);
    }
    CHECK(right);
  }
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("rows are read back as they were stored, from memory and from a file") {
    const ScratchFolder folder;
    const OtherFolder here(folder.path(""));
    const Index rows = 500000, cols = 3;  // 11.4 MiB: two segments of 4 MiB and a part
    for (const std::uint64_t budget : {100 * kMiB, 12 * kMiB, 11 * kMiB, 5 * kMiB, 0 * kMiB}) {
      CAPTURE(budget);
      const RowStore store = filled(rows, cols, budget);
      CHECK(store.in_file() == (budget < 12 * kMiB));
      check_reads(store, rows, cols);
      CHECK(folder.file_count() == 0);  // it has no name
    }
    const RowStore few = filled(100, cols, 100);
    CHECK(few.in_file());
    check_reads(few, 100, cols);
    RowStore none(cols, 0);
    none.finish();
    CHECK(none.rows() == 0);
  }

  TEST_CASE("a folder that takes no file for rows is named with the reason") {
    const ScratchFolder folder;
    const auto complaint = [&](const std::string& path) {
      const OtherFolder there(path);
      try {
        filled(100, 3, 0);
      } catch (const Error& error) {
        return folder.without_folder(error.what());
      }
      return std::string();
    };
    CHECK(complaint(folder.path("missing")) ==
          "cannot keep the table's rows in a file in missing: No such file or directory; TMPDIR "
          "can name a folder with room for them");
    CHECK(complaint(folder.write("file", "")).find("in file: Not a directory;") !=
          std::string::npos);
    if (std::filesystem::exists("/proc/self")) {
      CHECK(
          complaint("/proc/self").find("cannot keep the table's rows in a file in /proc/self: ") ==
          0);
    }
  }
}
