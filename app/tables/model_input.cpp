#include "tables/model_input.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "nflow/error.h"
#include "nflow/model_file.h"
#include "nflow/name_index.h"
#include "processes/processes.h"
#include "tables/column_supports.h"
#include "tables/manner.h"

namespace nflow::app {

ModelInput::ModelInput(const Arguments& arguments) : format_(csv_format(arguments)) {
  const std::string model = model_path(arguments);
  paths_ = data_paths(arguments);
  refuse_shared_input(model);
  for (const std::string& path : paths_) {
    refuse_two_standard_inputs(model, path, "MODEL and DATA");
    refuse_shared_input(path);
  }
  reject_options_ = parse_reject_options(arguments);
  model_ = load_model(model);
  format_.like = like_table_of(model_, arguments);
}

void ModelInput::open(const std::vector<std::string>& names, bool keep_text) {
  const bool own = names == model_.columns;
  understand_model(model_, format_);
  reader_.emplace(paths_, format_);
  warn_of_numeric_header(*reader_, format_);
  reader_->select(locate_columns(*reader_, with_context(names, model_)));
  std::vector<Support> supports = read_supports(model_);
  if (!own) std::fill_n(supports.begin(), names.size(), Support());
  select_kinds(supports, *reader_);
  context_at_ = static_cast<Index>(names.size());
  reader_->set_check(context_check(model_, context_at_));
  if (keep_text || reject_options_.path) reader_->keep_text();
  rejects_.emplace(reject_options_, *reader_, delimiter());
}

bool ModelInput::open_without(Index column, bool keep_text) {
  understand_model(model_, format_);
  format_.missing = CsvFormat::Missing::keep;
  reader_.emplace(paths_, format_);
  warn_of_numeric_header(*reader_, format_);
  std::vector<std::string> names = with_context(model_.columns, model_);
  const auto place = static_cast<std::size_t>(column);
  const bool has_it = reader_->has_header()
                          ? NameIndex(reader_->names()).find(names[place]).first >= 0
                          : reader_->names().size() + 1 != names.size();
  std::vector<Support> supports = read_supports(model_);
  supports[place].holes = true;
  if (!has_it) {
    absent_ = column;
    names.erase(names.begin() + column);
    supports.erase(supports.begin() + column);
  }
  context_at_ = static_cast<Index>(model_.columns.size());
  if (!names.empty()) reader_->select(locate_columns(*reader_, names));
  if (names.empty()) reader_->select({});
  select_kinds(supports, *reader_);
  reader_->set_check(context_check(model_, context_at_ - (has_it ? 0 : 1)));
  if (keep_text || reject_options_.path) reader_->keep_text();
  rejects_.emplace(reject_options_, *reader_, delimiter());
  return has_it;
}

void ModelInput::open_partial(bool holes_too, bool keep_text) {
  understand_model(model_, format_);
  format_.missing = CsvFormat::Missing::keep;
  reader_.emplace(paths_, format_);
  warn_of_numeric_header(*reader_, format_);
  partial_.emplace(model_, *reader_);
  holes_too_ = holes_too;
  context_at_ = partial_->present();
  if (context_at_ == 0) partial_->refuse_none(*reader_);
  partial_->select(*reader_);
  reader_->set_check(context_check(model_, context_at_));
  if (keep_text || reject_options_.path) reader_->keep_text();
  rejects_.emplace(reject_options_, *reader_, delimiter());
}

void ModelInput::refuse_outside() {
  if (model_.supports.empty()) return;
  reader_->set_check([this, context = context_check(model_, context_at_)](const double* row) {
    const std::string fault = outside_text(model_.columns, model_.supports, row);
    return fault.empty() && context ? context(row) : fault;
  });
}

void ModelInput::refuse(Index i, const std::string& reason) {
  const auto place = static_cast<std::size_t>(i);
  const std::size_t line = chunk_.line[place];
  if (!reject_options_.skip || ranks()) {
    throw Error(reader_->place(line) + ": " + reason);
  }
  rejects_->add({reject_options_.path ? chunk_.text[place] : "", line, reason});
}

std::string ModelInput::header() const {
  if (reader_->has_header()) return reader_->header_text();
  std::string text;
  append_names(text, reader_->names(), delimiter());
  return text;
}

/// No option helps where what is missing may be the context, which nothing is integrated over.
bool ModelInput::read_chunk() {
  try {
    return reader_->read(chunk_, kChunkRows);
  } catch (const CsvError& problem) {
    if (model_.context.empty() || problem.help().kind != CsvHelp::Kind::missing) throw;
    throw Error(problem.what());
  }
}

bool ModelInput::read() {
  if (!read_chunk()) {
    rejects_->finish();
    tell_of_lines_left_out(*reader_);
    return false;
  }
  if (absent_ >= 0) {
    const Index behind = chunk_.rows.cols() - absent_;
    RowMatrix rows(chunk_.rows.rows(), chunk_.rows.cols() + 1);
    rows << chunk_.rows.leftCols(absent_),
        RowMatrix::Constant(rows.rows(), 1, std::numeric_limits<double>::quiet_NaN()),
        chunk_.rows.rightCols(behind);
    chunk_.rows = std::move(rows);
  }
  data_ = partial_ ? partial_->rows(chunk_.rows, holes_too_)
                   : RowMatrix(chunk_.rows.leftCols(context_at_));
  context_ = context_features(chunk_.rows.rightCols(chunk_.rows.cols() - context_at_),
                              model_.context_kinds);
  return true;
}

}  // namespace nflow::app
