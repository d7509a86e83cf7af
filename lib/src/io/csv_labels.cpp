#include "io/csv_labels.h"

#include <utility>

#include "nflow/printable.h"

namespace nflow {

using Kind = NumberParser::Kind;

namespace {

/// A model keeps labels as JSON does. What is not in UTF-8 is most likely in Latin-1, whose
/// characters have the same numbers.
std::string from_latin1(std::string_view text) {
  std::string converted;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80) {
      converted += c;
    } else {
      converted += static_cast<char>(0xC0 | (code >> 6));
      converted += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return converted;
}

}  // namespace

void LabelColumns::set(const std::vector<CsvColumn>& kinds, std::vector<Labels> known) {
  labels_ = std::move(known);
  labels_.resize(kinds.size());
  columns_ = std::vector<Column>(kinds.begin(), kinds.end());
  for (std::size_t i = 0; i < kinds.size(); ++i) columns_[i].frozen = labels_[i].size() > 0;
}

Kind LabelColumns::parse_text(std::size_t column, const Field& field, NumberParser& numbers,
                              double& value) {
  const bool only_empty = columns_[column].kind == CsvColumn::label;
  if (only_empty ? field.text.empty() : numbers.is_missing(field.text)) return Kind::missing;
  value = label(column, field);
  return Kind::number;
}

/// The field is no number, and the column has had no label.
Kind LabelColumns::parse_other(std::size_t column, const Field& field, Kind kind, double& value) {
  if (kind == Kind::missing || columns_[column].kind == CsvColumn::number) return kind;
  value = label(column, field);
  return Kind::number;
}

double LabelColumns::label(std::size_t column, const Field& field) {
  std::string_view text = field.text;
  if (field.quoted && text.find('"') != std::string_view::npos) {
    unquoted_ = field_value(field);
    text = unquoted_;
  }
  if (!is_utf8(text)) {
    unquoted_ = from_latin1(text);
    text = unquoted_;
  }
  const Index before = labels_[column].size();
  const Index number = number_of(column, text);
  const bool added = labels_[column].size() > before;
  Column& own = columns_[column];
  if (added || !own.has_label) news_.push_back({column, !own.has_label, added});
  own.has_label = own.is_text = true;
  return label_value(number);
}

Index LabelColumns::number_of(std::size_t column, std::string_view text) {
  Labels& labels = labels_[column];
  if (!columns_[column].frozen) return labels.number_of(text);
  return labels.find(text).value_or(Labels::kUnseen);
}

void LabelColumns::drop_row() {
  for (const News& news : news_) {
    Column& own = columns_[news.column];
    if (news.added) labels_[news.column].forget_last();
    if (!news.first) continue;
    own.has_label = false;
    own.is_text = own.kind != CsvColumn::either;
  }
  news_.clear();
}

void LabelColumns::begin_anew() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].begin_anew();
    if (!columns_[i].frozen) labels_[i] = Labels(labels_[i].bounds());
  }
}

void LabelColumns::read_as_text(std::size_t column) {
  CsvColumn& kind = columns_[column].kind;
  if (kind == CsvColumn::either) kind = CsvColumn::text;
}

}  // namespace nflow
