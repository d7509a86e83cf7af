#include "model_input.h"

#include "nflow/model_file.h"
#include "processes.h"

namespace nflow::app {

ModelInput::ModelInput(const Arguments& arguments) : format_(csv_format(arguments)) {
  const std::string model = model_path(arguments);
  path_ = data_path(arguments);
  refuse_two_standard_inputs(model, path_, "MODEL and DATA");
  refuse_shared_input(model);
  refuse_shared_input(path_);
  model_ = load_model(model);
}

void ModelInput::open(const std::vector<std::string>& names, bool keep_text) {
  reader_.emplace(path_, format_);
  warn_of_numeric_header(*reader_, format_);
  reader_->select(locate_columns(*reader_, with_context(names, model_)));
  if (keep_text) reader_->keep_text();
}

std::string ModelInput::header() const {
  if (reader_->has_header()) return reader_->header_text();
  std::string text;
  append_names(text, reader_->names(), format_.delimiter);
  return text;
}

bool ModelInput::read() {
  if (!reader_->read(chunk_, kChunkRows)) return false;
  const auto context = static_cast<Index>(model_.context.size());
  data_ = chunk_.rows.leftCols(chunk_.rows.cols() - context);
  context_ = chunk_.rows.rightCols(context);
  return true;
}

}  // namespace nflow::app
