#include "io/csv_labels.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "io/csv_style.h"
#include "io/latin1.h"
#include "nflow/printable.h"

namespace nflow {

using Kind = NumberParser::Kind;

void LabelColumns::set(const std::vector<CsvColumn>& kinds, std::vector<Labels> known) {
  labels_ = std::move(known);
  labels_.resize(kinds.size());
  columns_ = std::vector<Column>(kinds.begin(), kinds.end());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::vector<std::string>& known_texts = labels_[i].texts();
    columns_[i].frozen = !known_texts.empty();
    columns_[i].numeric =
        std::all_of(known_texts.begin(), known_texts.end(),
                    [](const std::string& text) { return parse_number(text).has_value(); });
  }
}

Kind LabelColumns::parse_text(std::size_t column, const Field& field, NumberParser& numbers,
                              double& value) {
  const bool only_empty = columns_[column].kind == CsvColumn::label;
  if (only_empty ? field.text.empty() : numbers.is_missing(field.text)) return Kind::missing;
  value = label(column, field, numbers);
  return Kind::number;
}

/// The field is no number, and the column has had no label.
Kind LabelColumns::parse_other(std::size_t column, const Field& field, Kind kind,
                               NumberParser& numbers, double& value) {
  if (kind == Kind::missing || columns_[column].kind == CsvColumn::number) return kind;
  value = label(column, field, numbers);
  return Kind::number;
}

double LabelColumns::label(std::size_t column, const Field& field, NumberParser& numbers) {
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
  const Index number = number_of(column, text, numbers);
  const bool added = labels_[column].size() > before;
  Column& own = columns_[column];
  if (added || !own.has_label) news_.push_back({column, !own.has_label, added});
  own.has_label = own.is_text = true;
  return label_value(number);
}

/// Labels that are numbers, which a model has in their shortest form, may be written in others.
Index LabelColumns::number_of(std::size_t column, std::string_view text, NumberParser& numbers) {
  Labels& labels = labels_[column];
  if (!columns_[column].frozen) return labels.number_of(text);
  const std::optional<Index> known = labels.find(text);
  if (known || !columns_[column].numeric) return known.value_or(Labels::kUnseen);
  double value = 0;
  if (numbers.parse(text, value) != Kind::number) {
    const StyledNumber number = parse_styled(text, numbers, numbers.decimal());
    if (number.style == NumberStyle::plain || number.style == NumberStyle::boolean) {
      return Labels::kUnseen;
    }
    value = number.value;
  }
  return labels.find(number_text(value)).value_or(Labels::kUnseen);
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
