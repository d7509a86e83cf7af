#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nflow/csv.h"
#include "nflow/model.h"
#include "options/options.h"
#include "tables/partial_columns.h"
#include "tables/rejects.h"
#include "tables/rows.h"

namespace nflow::app {

/// A model and the table that it is to read, as logprob and transform have them: -m MODEL [DATA].
class ModelInput {
 public:
  /// Checks the command line and loads the model.
  explicit ModelInput(const Arguments& arguments);

  const Model& model() const { return model_; }

  /// Opens the table and finds the columns `names` and the model's context in it.
  void open(const std::vector<std::string>& names, bool keep_text);
  /// The same with the model's own columns, where the table need not have this one, nor a value of
  /// it in each row: it is NaN then. Gives whether the table has it.
  bool open_without(Index column, bool keep_text);
  /// The same where the table need not have any column of the model, nor a value of it in each
  /// row: what is not there is an unknown_value(). So are holes, with `holes_too`, where the model
  /// has them as values.
  void open_partial(bool holes_too, bool keep_text);
  /// Where open_partial() found each of the model's columns in the table; -1: nowhere.
  const std::vector<Index>& places() const { return partial_->places(); }
  /// Rows outside the model's supports are records that cannot be used.
  void refuse_outside();
  const std::string& name() const { return reader_->name(); }
  /// What is put between fields that are added to a record of the table.
  char delimiter() const { return written_delimiter(*reader_); }
  const CsvFormat& format() const { return reader_->format(); }
  char decimal() const { return reader_->format().decimal; }
  /// The header line, without line end; made from the columns' names where the table has none.
  std::string header() const;

  /// Reads the next rows, as many as are there; false at the end.
  bool read();
  /// Row `i` of those read cannot be used: --on-error says what becomes of it. Among several
  /// processes, of which one alone knows, it is an error.
  void refuse(Index i, const std::string& reason);
  const CsvChunk& chunk() const { return chunk_; }
  const RowMatrix& data() const { return data_; }
  const RowMatrix& context() const { return context_; }  ///< its features

 private:
  bool read_chunk();

  CsvFormat format_;
  std::vector<std::string> paths_;
  Model model_;
  RejectOptions reject_options_;
  std::optional<CsvReader> reader_;
  std::optional<Rejects> rejects_;
  CsvChunk chunk_;
  std::optional<PartialColumns> partial_;
  bool holes_too_ = false;
  Index absent_ = -1;     // column of the model that the table does not have
  Index context_at_ = 0;  // columns of the rows before the context
  RowMatrix data_;
  RowMatrix context_;
};

}  // namespace nflow::app
