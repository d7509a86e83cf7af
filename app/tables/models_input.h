#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/model.h"
#include "options/options.h"
#include "tables/rejects.h"

namespace nflow::app {

/// One table that several models read, each its own columns and context as what it takes them for.
class ModelsInput {
 public:
  /// Opens the table and finds the columns; the models must outlive the reading.
  ModelsInput(const Arguments& arguments, const std::string& path,
              const std::vector<Model>& models);

  const std::string& name() const { return reader_->name(); }
  /// Reads the next rows, as many as are there; false at the end.
  bool read();
  /// The rows just read: the columns of a model, in its order, and its context.
  RowMatrix data(std::size_t model) const;
  RowMatrix context(std::size_t model) const;

 private:
  const std::vector<Model>& models_;
  std::vector<Index> first_;  // column of each model
  std::optional<CsvReader> reader_;
  std::optional<Rejects> rejects_;
  CsvChunk chunk_;
};

}  // namespace nflow::app
