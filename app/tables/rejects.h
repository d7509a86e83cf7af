#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "nflow/csv.h"
#include "nflow/output_file.h"
#include "options/options.h"

namespace nflow::app {

/// What is to become of records that cannot be used: --on-error and --rejects.
struct RejectOptions {
  bool skip = false;                ///< false: the first is an error
  std::optional<std::string> path;  ///< the file that they are to stand in
};

/// The two options.
std::vector<Option> reject_options();
/// Throws UsageError for a file without --on-error skip, and for one that is written otherwise.
RejectOptions parse_reject_options(const Arguments& arguments);

/// The records of one table that were left out. Their file has two columns, line and reason, in
/// front of the record as it stood, so that nflow reads it again where the reason is mended.
class Rejects {
 public:
  /// Has the reader hand such records over, where that is wanted. Both must outlive the reading.
  Rejects(const RejectOptions& options, CsvReader& reader, char delimiter);
  Rejects(const Rejects&) = delete;
  Rejects& operator=(const Rejects&) = delete;

  void add(const CsvReject& record);
  /// Behind the last row: has the file appear, and warns where something was left out.
  void finish();

 private:
  std::string line_of(std::size_t line) const;

  const CsvReader& reader_;
  char delimiter_;
  std::optional<OutputFile> file_;  // of the first process
  std::string text_;                // that is not written yet
  std::size_t count_ = 0;
  std::string first_;  // line and reason of the first
};

}  // namespace nflow::app
