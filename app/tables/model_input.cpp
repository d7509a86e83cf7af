#include "tables/model_input.h"

#include "nflow/error.h"
#include "nflow/model_file.h"
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
}

void ModelInput::open(const std::vector<std::string>& names, bool keep_text) {
  const bool own = names == model_.columns;
  understand_model(model_, format_);
  reader_.emplace(paths_, format_);
  warn_of_numeric_header(*reader_, format_);
  reader_->select(locate_columns(*reader_, with_context(names, model_)));
  std::vector<Support> supports(names.size());
  if (own && !model_.supports.empty()) supports = model_.supports;
  select_kinds(model_, supports, *reader_);
  context_at_ = static_cast<Index>(names.size());
  if (!model_.context_kinds.empty()) {
    reader_->set_check(
        [this](const double* row) { return outside_context(model_, row + context_at_); });
  }
  if (keep_text || reject_options_.path) reader_->keep_text();
  rejects_.emplace(reject_options_, *reader_, delimiter());
}

void ModelInput::refuse_outside() {
  if (model_.supports.empty()) return;
  reader_->set_check([this](const double* row) {
    const std::string fault = outside_text(model_.columns, model_.supports, row);
    return fault.empty() ? outside_context(model_, row + context_at_) : fault;
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

bool ModelInput::read() {
  if (!reader_->read(chunk_, kChunkRows)) {
    rejects_->finish();
    tell_of_lines_left_out(*reader_);
    return false;
  }
  data_ = chunk_.rows.leftCols(context_at_);
  context_ = context_features(chunk_.rows.rightCols(chunk_.rows.cols() - context_at_),
                              model_.context_kinds);
  return true;
}

}  // namespace nflow::app
