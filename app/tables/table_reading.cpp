#include "tables/table_reading.h"

#include <algorithm>

#include "nflow/available_memory.h"
#include "nflow/printable.h"
#include "processes/world.h"
#include "report/log.h"

namespace nflow::app {
namespace {

constexpr double kSecondsOfQuickReading = 1;

/// "1.9 GB"
std::string size_text(std::uint64_t bytes) {
  const bool small = bytes < 1000000000;
  return fmt::format("{:.{}f} {}", static_cast<double>(bytes) / (small ? 1e6 : 1e9), small ? 0 : 1,
                     small ? "MB" : "GB");
}

}  // namespace

std::uint64_t memory_for_rows(const std::optional<std::uint64_t>& wished) {
  const auto least = static_cast<std::uint64_t>(LargeTableSizes().most_numbers) * sizeof(double);
  const std::uint64_t half = available_memory(ranks() ? ranks()->neighbours() : 1) / 2;
  return std::max(least, wished.value_or(half));
}

void log_large_table(const std::string& name, const TableRows& table, const RowLayout& layout) {
  const auto numbers = static_cast<std::uint64_t>(table.count * layout.count());
  const std::uint64_t bytes = numbers * sizeof(double), in_files = table.bytes_in_files;
  const std::string file = ranks() ? "files without a name in " : "a file without a name in ";
  std::string place = "memory";
  if (in_files == bytes) {
    place = file + table.folder;
  } else if (in_files > 0) {
    place += ", " + size_text(in_files) + " of them in " + file + table.folder;
  }
  log_info("{}: a large table: {} of rows, kept in {}", name, size_text(bytes), place);
}

ReadingProgress::ReadingProgress() : progress_(spdlog::level::info, kSecondsOfQuickReading) {}

void ReadingProgress::operator()(std::uint64_t bytes, std::uint64_t of, Index rows) {
  if (!progress_.due()) return;
  Stage stage;
  stage.name = "reading";
  stage.what = "reads the table, " + counted(static_cast<std::int64_t>(rows), "row");
  stage.seconds = progress_.seconds();
  stage.rate = static_cast<double>(rows) / stage.seconds;
  if (of != 0) {
    stage.share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(of));
    stage.time_left = stage.seconds * (1 - stage.share) / stage.share;
  }
  progress_.show(stage);
}

}  // namespace nflow::app
