#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "io/scratch_folder.h"
#include "nflow/checkpoint.h"
#include "nflow/error.h"

using nflow::CheckpointLock;
using nflow::OutputFile;

namespace {

/// Writes a file under a lock; what is wrong with that.
std::string written(CheckpointLock& lock, const std::string& text) {
  try {
    OutputFile file(lock.path());
    file.write(text);
    lock.commit(file);
  } catch (const nflow::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("checkpoint lock: one writes and the other is told who") {
    const ScratchFolder folder;
    const std::string path = folder.path("c");
    CheckpointLock first(path), second(path);
    // Neither finds a file; the first that writes one has the lock.
    CHECK_FALSE(first.take());
    CHECK_FALSE(second.take());
    CHECK(written(first, "1").empty());
    const std::string refusal = folder.without_folder(written(second, "2"));
    CHECK(refusal.rfind("c: process " + std::to_string(::getpid()) + " keeps", 0) == 0);
    CHECK_THROWS_AS(second.take(), nflow::Error);
    CHECK(written(first, "3").empty());
    CHECK(first.take());
    CHECK_THROWS_AS(second.take(), nflow::Error);
    CHECK(folder.read("c") == "3");
    CHECK(folder.file_count() == 1);
  }

  TEST_CASE("checkpoint lock: it goes with its holder and stays with the file at hand") {
    const ScratchFolder folder;
    const std::string path = folder.path("c");
    CheckpointLock second(path);
    {
      CheckpointLock first(path);
      CHECK(written(first, "1").empty());
      CHECK_THROWS_AS(second.take(), nflow::Error);
    }
    CHECK(second.take());
    CHECK(written(second, "2").empty());
    // Where the file was removed and another process has one there, that is its.
    std::filesystem::remove(path);
    CheckpointLock third(path);
    CHECK(written(third, "3").empty());
    CHECK_FALSE(written(second, "4").empty());
    std::filesystem::remove(path);
    CHECK(written(second, "5").empty());
    CHECK_THROWS_AS(third.take(), nflow::Error);
    CHECK(folder.read("c") == "5");
  }
}
