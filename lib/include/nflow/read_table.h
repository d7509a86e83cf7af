#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/dataset.h"
#include "nflow/ranks.h"

namespace nflow {

/// What the columns of a matrix of rows are: the modelled ones, the context, a group and a weight.
struct RowLayout {
  Index columns = 0;
  Index context = 0;
  bool weighted = false;
  bool grouped = false;

  Index count() const { return columns + context + (grouped ? 1 : 0) + (weighted ? 1 : 0); }
  /// The column that says to which group a row belongs.
  Index group() const { return columns + context; }
};

/// Rows of that layout as the trainer takes them, which knows no groups.
Dataset to_dataset(RowMatrix rows, const RowLayout& layout);

/// From what size on a table is large, and in what pieces it is then kept and read. The bytes of a
/// model depend on them.
struct LargeTableSizes {
  Index most_numbers = Index{1} << 24;    ///< rows x columns read of a table that is not large
  Index sample_numbers = Index{1} << 22;  ///< of the sample that stands for a large one
  Index window_numbers = Index{1} << 20;  ///< of those that are shuffled at once
  std::uint64_t block_bytes = 1 << 15;    ///< of the data, where all columns are read
};

struct TableReading {
  RowLayout layout;  ///< of the columns that the reader has selected
  /// Of the training: its shards draw from parts of a large table.
  Index batch_size = kDefaultBatchSize;
  /// Bytes for the rows of a large table, in this process; more go to a file in $TMPDIR.
  std::uint64_t memory = ~std::uint64_t{0};
  Ranks* ranks = nullptr;  ///< null: this process is alone
  LargeTableSizes sizes = {};
  bool numbered = false;  ///< is it to be told which record each row is?
  /// Told now and then: the bytes read of this process's part, of how many (0: not known), and
  /// rows.
  std::function<void(std::uint64_t bytes, std::uint64_t of, Index rows)> progress = {};
};

/// A table that was read. One that is not large is here whole, in every rank.
struct TableRows {
  RowMatrix rows;                     ///< N x layout.count(), in the file's order; of a large one 0
  std::shared_ptr<LargeTable> large;  ///< null: not large
  std::vector<Labels> labels;         ///< of each column, those of all ranks
  Index count = 0;                    ///< rows of all ranks, with those of weight 0
  Index weightless = 0;               ///< those of weight 0
  Index dropped = 0;                  ///< left out for missing values
  Index records = 0;                  ///< of the table, with all that were left out
  std::vector<Index> numbers;         ///< where asked for, that of each row's record, from 1
  std::uint64_t bytes_in_files = 0;   ///< of all ranks
  std::string folder;                 ///< where this process's file is or would be
};

/// Reads all rows of the columns that were selected. Several ranks read a part each, where the
/// reader's file has a size, and all of it elsewhere; a table that is not large is then given to
/// all, and labels have the numbers that one process gives them. Throws Error for a bad row, in all
/// ranks.
TableRows read_table(CsvReader& reader, const TableReading& reading);

/// What a training sees of a large table. The rows with weight above 0 fall into `validation`,
/// which is held in memory, and the rest, of which `fit` has a sample: `fit.all` is all of the
/// rest. Weights there are the table's times a power of two, which brings the largest of all into
/// [1/2, 1).
struct LargeSplit {
  Dataset fit;
  Dataset validation;
};

/// Draws a `fraction` of the rows to validate with, 0 for none; or, where `capped`, no more than
/// make LargeTableSizes::sample_numbers. All of several ranks call it together, once.
LargeSplit split(const std::shared_ptr<LargeTable>& table, double fraction, bool capped,
                 std::uint64_t seed);

}  // namespace nflow
