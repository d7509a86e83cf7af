#pragma once

#include <string>
#include <vector>

#include "nflow/read_table.h"
#include "tables/rejects.h"
#include "training/train_data.h"

namespace nflow::app {

// From a table's records to the rows to train on and to validate with, whatever their columns are.

/// The columns to read, and how: the modelled ones, the context, a group, the weights.
struct ReaderColumns {
  std::vector<Index> positions;
  std::vector<std::string> names;  ///< of the modelled ones and the context
  std::vector<Support> supports;   ///< of those, as far as they are known
  std::vector<CsvColumn> kinds;
  std::vector<Labels> labels = {};  ///< that are known; none: those that the table has
  bool of_model = false;            ///< are the supports those of --init?
};

/// The layout of the rows that are read: of a table to validate with they have no group.
RowLayout layout_of(const TrainData& data, bool with_group);

/// Reads the rows, and tells of those that were left out. `reading` has the layout.
TableRows read_rows(CsvReader& reader, const ReaderColumns& columns, const TrainData& data,
                    TableReading reading, Rejects& rejects);

/// Where all rows were left out for missing values, names the columns that they are missing in.
[[noreturn]] void refuse_no_rows(const TrainData& data, const TableRows& table,
                                 const CsvReader& reader);

/// While rows are read, any of the first `count` columns may have holes.
void allow_holes(std::vector<Support>& supports, std::size_t count);

/// Throws Error where there are too few of them.
void refuse_too_few_rows(const std::string& name, Index fit, Index validation);

/// Splits the rows into those to fit and, unless they come from a file of their own, to validate;
/// and where there are folds, says which is in which.
void split_table(RowMatrix rows, const DataOptions& options, TrainData& data);
/// The same for a large table.
void split_large(const std::shared_ptr<LargeTable>& table, const DataOptions& options,
                 TrainData& data);

/// The rows of --validation-file; `labels` are those of the table's columns.
Dataset read_validation_file(const DataOptions& options, const TrainData& data,
                             std::vector<Labels> labels);

}  // namespace nflow::app
