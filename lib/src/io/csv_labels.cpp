#include "io/csv_labels.h"

#include <utility>

namespace nflow {

using Kind = NumberParser::Kind;

void LabelColumns::set(const std::vector<CsvColumn>& kinds, std::vector<Labels> known) {
  labels_ = std::move(known);
  labels_.resize(kinds.size());
  columns_.assign(kinds.size(), {});
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    columns_[i].kind = kinds[i];
    columns_[i].frozen = labels_[i].size() > 0;
  }
}

Kind LabelColumns::parse(std::size_t column, const Field& field, NumberParser& numbers,
                         double& value) {
  Column& own = columns_[column];
  if (own.takes_numbers()) {
    const Kind kind = numbers.parse(field.text, value);
    own.has_number = own.has_number || kind == Kind::number;
    if (own.kind == CsvColumn::number || kind == Kind::number || kind == Kind::missing) return kind;
  } else if (own.kind == CsvColumn::label ? field.text.empty() : numbers.is_missing(field.text)) {
    return Kind::missing;
  }
  value = label(column, field);
  return Kind::number;
}

double LabelColumns::label(std::size_t column, const Field& field) {
  std::string_view text = field.text;
  if (field.quoted && text.find('"') != std::string_view::npos) {
    unquoted_ = field_value(field);
    text = unquoted_;
  }
  const Index before = labels_[column].size();
  const Index number = number_of(column, text);
  const bool added = labels_[column].size() > before;
  bool& has_label = columns_[column].has_label;
  if (added || !has_label) news_.push_back({column, !has_label, added});
  has_label = true;
  return label_value(number);
}

Index LabelColumns::number_of(std::size_t column, std::string_view text) {
  Labels& labels = labels_[column];
  if (!columns_[column].frozen) return labels.number_of(text);
  return labels.find(text).value_or(Labels::kUnseen);
}

void LabelColumns::drop_row() {
  for (const News& news : news_) {
    if (news.added) labels_[news.column].forget_last();
    if (news.first) columns_[news.column].has_label = false;
  }
  news_.clear();
}

void LabelColumns::begin_anew() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].has_label = columns_[i].has_number = false;
    if (!columns_[i].frozen) labels_[i] = Labels(labels_[i].bounds());
  }
}

void LabelColumns::read_as_text(std::size_t column) {
  CsvColumn& kind = columns_[column].kind;
  if (kind == CsvColumn::either) kind = CsvColumn::text;
}

}  // namespace nflow
