#pragma once

#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/model.h"
#include "tables/rows.h"

namespace nflow::app {

/// A table that has some columns of a model, and all of its context: by name where it has a header.
/// Without one it has all columns, the context alone, or those that names such as x3 say.
class PartialColumns {
 public:
  /// The model must outlive this.
  PartialColumns(const Model& model, const CsvReader& reader);

  Index present() const { return static_cast<Index>(columns_.size()); }
  /// Where each of the model's columns is in the table; -1: nowhere.
  const std::vector<Index>& places() const { return places_; }
  /// Throws Error: the table has no column of the model.
  [[noreturn]] void refuse_none(const CsvReader& reader) const;

  /// Has the reader read these columns, any of which may be missing, and then the context.
  void select(CsvReader& reader) const;
  /// Says what is wrong with the values of a row that are there, and with its context.
  RowCheck check() const;
  /// The model's columns of rows so read; see nflow/partial.h. `holes_too`: what is missing is
  /// unknown even where it is a value of the model.
  RowMatrix rows(const RowMatrix& read, bool holes_too) const;
  RowMatrix context(const RowMatrix& read) const { return read.rightCols(read.cols() - present()); }

 private:
  Support support(Index column) const {
    return support_at(model_.supports, static_cast<std::size_t>(column));
  }
  std::vector<std::string> names() const;

  const Model& model_;
  std::vector<Index> columns_;  // of the model, that the table has
  std::vector<Index> places_;
};

}  // namespace nflow::app
