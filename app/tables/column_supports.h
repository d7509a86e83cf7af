#pragma once

#include <string>
#include <vector>

#include "nflow/context_kind.h"
#include "nflow/csv.h"
#include "nflow/support.h"

namespace nflow::app {

/// One --support COLUMN=SUPPORT, its column as it stands on the command line.
struct SupportOption {
  std::string columns;
  Support support;
};

/// Throws UsageError where a text is not COLUMN=SUPPORT; its message begins with `spelling`.
std::vector<SupportOption> parse_support_options(const std::vector<std::string>& texts,
                                                 const std::string& spelling);

/// The support of each of the columns at `positions` in the file, REAL where the options say
/// nothing of it; `given` becomes which they do say something of. Throws UsageError for a column
/// that is not there or is named twice.
std::vector<Support> supports_of(const std::vector<SupportOption>& options, const CsvReader& reader,
                                 const std::vector<Index>& positions, std::vector<bool>& given);

/// What each of so many columns is read as where the first have these supports, and which of them
/// must have a value in each row.
std::vector<CsvColumn> csv_columns(const std::vector<Support>& supports, std::size_t all);
std::vector<bool> required_columns(const std::vector<Support>& supports, std::size_t all);

/// What context columns may hold, as supports: CATEGORY or REAL.
std::vector<Support> context_supports(const std::vector<ContextKind>& kinds, std::size_t columns);

/// The place of the first value of a row outside its support; -1 where there is none. What is
/// unknown (nflow/partial.h) is in it.
Index first_outside(const std::vector<Support>& supports, const double* row);

/// The same as text: "column 'tip' is -1, outside its support POSITIVE"; empty where there is none.
std::string outside_text(const std::vector<std::string>& columns,
                         const std::vector<Support>& supports, const double* row);

}  // namespace nflow::app
