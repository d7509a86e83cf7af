#include "tables/partial_columns.h"

#include <algorithm>
#include <cmath>

#include "nflow/error.h"
#include "nflow/name_index.h"
#include "nflow/partial.h"
#include "nflow/printable.h"
#include "tables/column_supports.h"

namespace nflow::app {
namespace {

const std::size_t kNamesShown = 20;  // in a message

}  // namespace

PartialColumns::PartialColumns(const Model& model, const CsvReader& reader)
    : model_(model), places_(model.columns.size(), -1) {
  const auto all = static_cast<Index>(model.columns.size());
  const std::size_t width = reader.names().size();
  NameIndex index(reader.names());
  for (Index j = 0; j < all; ++j) {
    const std::string& name = model.columns[static_cast<std::size_t>(j)];
    // Without a header the reader calls its columns x1, x2, ...
    const bool has_it = index.find(name).first >= 0;
    const bool by_place =
        !reader.has_header() && width == with_context(model.columns, model).size();
    if (has_it || by_place) columns_.push_back(j);
  }
  const bool others = !reader.has_header() && columns_.empty() && width != model.context.size();
  if (others) locate_columns(reader, with_context(model.columns, model));  // says what is needed
  const std::vector<Index> found =
      names().empty() ? std::vector<Index>() : locate_columns(reader, names());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    places_[static_cast<std::size_t>(columns_[i])] = found[i];
  }
}

std::vector<std::string> PartialColumns::names() const {
  std::vector<std::string> list;
  for (const Index j : columns_) list.push_back(model_.columns[static_cast<std::size_t>(j)]);
  return with_context(list, model_);
}

void PartialColumns::refuse_none(const CsvReader& reader) const {
  throw Error(reader.name() + ": no column of the model, which has " +
              listed(model_.columns, kNamesShown) + "; the file has " +
              listed(reader.names(), kNamesShown));
}

void PartialColumns::select(CsvReader& reader) const {
  std::vector<Support> supports;
  for (const Index j : columns_) {
    supports.push_back(support(j));
    supports.back().holes = true;
  }
  const std::vector<Support> context =
      context_supports(model_.context_kinds, model_.context.size());
  supports.insert(supports.end(), context.begin(), context.end());
  const std::vector<std::string> list = names();
  reader.select(list.empty() ? std::vector<Index>() : locate_columns(reader, list));
  select_kinds(supports, reader);
}

RowCheck PartialColumns::check() const {
  return [this, context = context_check(model_, present())](const double* row) -> std::string {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (is_hole(row[i])) continue;
      const std::string fault = outside_text(
          {model_.columns[static_cast<std::size_t>(columns_[i])]}, {support(columns_[i])}, row + i);
      if (!fault.empty()) return fault;
    }
    return context ? context(row) : "";
  };
}

RowMatrix PartialColumns::rows(const RowMatrix& read, bool holes_too) const {
  RowMatrix rows =
      RowMatrix::Constant(read.rows(), static_cast<Index>(model_.columns.size()), unknown_value());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Index j = columns_[i];
    const bool holes = support(j).holes && !holes_too;
    for (Index r = 0; r < read.rows(); ++r) {
      const double value = read(r, static_cast<Index>(i));
      if (!is_hole(value) || holes) rows(r, j) = value;
    }
  }
  return rows;
}

}  // namespace nflow::app
