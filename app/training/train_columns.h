#pragma once

#include <string>
#include <vector>

#include "training/train_data.h"

namespace nflow::app {

/// Columns of the file, by position.
struct ChosenColumns {
  std::vector<Index> columns;  ///< to model
  std::vector<Index> context;
  std::vector<Index> group;    ///< one or none
  std::vector<Index> weights;  ///< one or none

  std::vector<Index> positions() const;
};

/// What --columns, --exclude, --context, --group and --weights choose. Throws UsageError, and Error
/// for more than a model may have, for two of one name and for one that is not in UTF-8.
ChosenColumns choose_columns(const CsvReader& reader, const DataOptions& options);

/// The columns of --group and --weights alone, which are none of `taken`.
ChosenColumns choose_others(const CsvReader& reader, const DataOptions& options,
                            const std::vector<Index>& taken);

/// Their names.
std::vector<std::string> names_of(const CsvReader& reader, const std::vector<Index>& positions);

}  // namespace nflow::app
