// Several files as one table: each begins anew, with the header of the first.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "io/csv_names.h"
#include "io/csv_rows.h"
#include "nflow/error.h"
#include "nflow/printable.h"

namespace nflow {

/// Each file gets its turn; one that is not there is told before the others are read.
void CsvReader::Impl::expect_files(std::vector<std::string> paths) {
  name = records.lines().name();
  asked_comment = format.comment;
  files = paths.size();
  if (files == 1) return;
  for (const std::string& path : paths) {
    if (path == "-" || ::access(path.c_str(), R_OK) == 0) continue;
    throw Error("cannot open " + path + ": " + std::generic_category().message(errno));
  }
  first_file = name;
  name += " and " + std::to_string(files - 1) + " more";
  more_files.assign(paths.rbegin(), paths.rend() - 1);
}

/// Has the next record be the first row of the next file, if it has any. Title lines, comments and
/// the like are found in each file anew. All files have the delimiter of the first, since appended
/// columns are written with it.
void CsvReader::Impl::begin_next_file() {
  records.open_next(more_files.back());
  more_files.pop_back();
  const char delimiter = format.delimiter;
  const CsvManner first_manner = std::exchange(manner, {});
  const std::vector<std::string> first_names = names;
  const std::string first_header = header_text;
  const bool first_has_header = has_header;
  format.comment = asked_comment;  // names in a comment are found where comments are not known
  begin();
  if (records.next(record, true) == Next::end) {
    throw Error(records.lines().name() + ": the file is empty");
  }
  const std::string place = records.lines().place(record.line);
  if (format.delimiter != delimiter) {
    throw Error(place + ": another delimiter than in " + first_file +
                "; files of one table have one");
  }
  cut();
  name_columns();
  const bool has_own = std::exchange(has_header, first_has_header);
  names = first_names;
  header_text = first_header;
  manner = first_manner;
  units_left = manner.units;
  if (has_header) return refuse_other_header();
  if (has_own) {
    throw Error(place + ": a header, where " + first_file +
                " has none; files of one table have one header");
  }
}

void CsvReader::Impl::refuse_other_header() {
  const std::vector<std::string> own = names_in_header(fields);
  if (own == names) return;
  const auto at = static_cast<std::size_t>(
      std::mismatch(own.begin(), own.end(), names.begin(), names.end()).first - own.begin());
  const auto text = [at](const std::vector<std::string>& all) {
    return at < all.size() ? "'" + printable(all[at]) + "'" : std::string("not there");
  };
  throw Error(records.lines().place(record.line) + ": column " + std::to_string(at + 1) + " is " +
              text(own) + ", and " + text(names) + " in " + first_file +
              "; files of one table have one header");
}

}  // namespace nflow
