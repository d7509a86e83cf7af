#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nflow/read_table.h"
#include "report/progress.h"

namespace nflow::app {

// Where the rows of a large table are kept, and what train says while it reads them.

/// Bytes that the rows may take in this process: `wished`, or half of what may still be taken; and
/// no less than a table takes that is not large.
std::uint64_t memory_for_rows(const std::optional<std::uint64_t>& wished);

/// Where there is a large table now.
void log_large_table(const std::string& name, const TableRows& table, const RowLayout& layout);

/// How far the reading of a table is.
class ReadingProgress {
 public:
  ReadingProgress();
  /// As TableReading::progress.
  void operator()(std::uint64_t bytes, std::uint64_t of, Index rows);

 private:
  Progress progress_;
};

}  // namespace nflow::app
