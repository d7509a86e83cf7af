#include "tables/models_input.h"

#include <utility>

#include "tables/column_supports.h"
#include "tables/manner.h"
#include "tables/rows.h"

namespace nflow::app {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

ModelsInput::ModelsInput(const Arguments& arguments, const std::string& path,
                         const std::vector<Model>& models)
    : models_(models) {
  CsvFormat format = csv_format(arguments);
  for (const Model& model : models) {
    understand_model(model, format);
    if (!format.like) format.like = like_table_of(model, arguments);
  }
  const RejectOptions reject_options = parse_reject_options(arguments);
  reader_.emplace(path, format);
  warn_of_numeric_header(*reader_, format);

  std::vector<Index> positions;
  std::vector<CsvColumn> kinds;
  std::vector<bool> required;
  std::vector<Labels> labels;
  std::vector<RowCheck> checks;
  for (const Model& model : models) {
    const std::vector<std::string> names = with_context(model.columns, model);
    first_.push_back(static_cast<Index>(positions.size()));
    append(positions, locate_columns(*reader_, names));
    checks.push_back(
        context_check(model, first_.back() + static_cast<Index>(model.columns.size())));
    const std::vector<Support> supports = read_supports(model);
    append(kinds, csv_columns(supports, supports.size()));
    append(required, required_columns(supports, supports.size()));
    append(labels, known_labels(supports));
  }
  reader_->select(std::move(positions));
  reader_->set_columns(kinds, std::move(labels));
  reader_->set_required(std::move(required));
  reader_->set_check([checks](const double* row) {
    std::string fault;
    for (std::size_t m = 0; m < checks.size() && fault.empty(); ++m) {
      if (checks[m]) fault = checks[m](row);
    }
    return fault;
  });
  if (reject_options.path) reader_->keep_text();
  rejects_.emplace(reject_options, *reader_, written_delimiter(*reader_));
}

bool ModelsInput::read() {
  if (reader_->read(chunk_, kChunkRows)) return true;
  rejects_->finish();
  tell_of_lines_left_out(*reader_);
  return false;
}

RowMatrix ModelsInput::data(std::size_t model) const {
  return chunk_.rows.middleCols(first_[model], static_cast<Index>(models_[model].columns.size()));
}

RowMatrix ModelsInput::context(std::size_t model) const {
  const auto columns = static_cast<Index>(models_[model].columns.size());
  const auto context = static_cast<Index>(models_[model].context.size());
  return context_features(chunk_.rows.middleCols(first_[model] + columns, context),
                          models_[model].context_kinds);
}

}  // namespace nflow::app
