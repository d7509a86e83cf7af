#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/row_split.h"
#include "nflow/trainer.h"
#include "tables/column_supports.h"
#include "tables/rejects.h"

namespace nflow::app {

/// What the command line says about the table to train on. "-" is standard input.
struct DataOptions {
  std::vector<std::string> paths;  ///< one table, in several files where there are several
  CsvFormat format;
  RejectOptions rejects;
  std::optional<std::string> columns;  ///< --columns; none: every column
  std::optional<std::string> exclude;
  std::optional<std::string> context;
  std::optional<std::string> weights;
  Index folds = 0;                   ///< 0: none
  std::optional<std::string> group;  ///< the column whose values are not to be in two folds
  std::shared_ptr<const Model> init = nullptr;  ///< whose columns these are, where there is one
  std::vector<SupportOption> supports;
  bool infer = true;             ///< the kinds of the other columns
  bool holes_at_random = false;  ///< are holes values that are not known?
  int threads = 1;
  std::optional<std::string> validation_path;  ///< none: a fraction of the table
  /// None: a tenth, or, of a large table, as much of it as is useful.
  std::optional<double> validation_fraction;
  std::uint64_t seed = 0;  ///< of the split
  Index batch_size = kDefaultBatchSize;
  std::optional<std::uint64_t> memory;  ///< bytes for the rows of a large table
};

/// How --folds splits the rows of a table, and what it takes to fit the columns again without some.
struct FoldRows {
  Index count = 0;                  ///< of the folds
  std::string group = {};           ///< the column of the groups; empty: each row is one
  Index all_records = 0;            ///< of the table, with those that were left out
  std::vector<Index> records = {};  ///< the number of each row's record, from 1
  RowSplit lines = {};  ///< the rows that are trained on, and validated with, by their places there
  std::vector<Index> fold = {};        ///< of both together, in the table's order
  std::vector<Support> supports = {};  ///< of the columns, before bins were fitted; empty: as is
  std::vector<Labels> labels = {};     ///< of the columns

  bool has_groups() const { return !group.empty(); }
};

struct TrainData {
  std::vector<std::string> columns;
  std::vector<std::string> context;
  std::vector<ContextKind> context_kinds = {};  ///< of the context; empty: all plain numbers
  std::string weights;                          ///< the column of the rows' weights; empty: none
  std::vector<Support> supports;                ///< of the columns, cells fitted; empty: all REAL
  CellNet cell_net = {};                        ///< of the columns that are cut into cells
  Dataset fit;  ///< of a large table a sample, with the table that the steps go through
  Dataset validation;
  Index rows = 0;         ///< of the table, with the validation rows split off it; none of weight 0
  std::string name;       ///< of the table, for messages
  bool inferred = false;  ///< were kinds of columns inferred?
  std::vector<std::string> given = {};  ///< columns that --support names
  std::vector<LeftOut> left_out = {};
  std::vector<std::string> marks = {};        ///< texts among numbers that are taken for missing
  TableManner manner = {};                    ///< of the table
  std::shared_ptr<FoldRows> folds = nullptr;  ///< null: there are none
};

/// Reads the table, chooses the columns, and splits off the validation rows.
/// Throws Error for too few rows, for constant columns and for values outside their supports.
TrainData read_train_data(const DataOptions& options);

}  // namespace nflow::app
