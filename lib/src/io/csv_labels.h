#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "io/csv_fields.h"
#include "io/csv_number.h"
#include "nflow/csv.h"

namespace nflow {

/// The selected columns of a CSV file as set_columns() wants them, and the labels found in them.
class LabelColumns {
 public:
  void set(const std::vector<CsvColumn>& kinds, std::vector<Labels> known);
  /// Without a call of set() there are none.
  bool any() const { return !columns_.empty(); }
  bool holds_text(std::size_t column) const {
    return any() && columns_[column].kind != CsvColumn::number;
  }

  bool is_either(std::size_t column) const {
    return any() && columns_[column].kind == CsvColumn::either;
  }
  /// Will the next field that is no number make it a column of text?
  bool may_turn_to_text(std::size_t column) const {
    return is_either(column) && !columns_[column].is_text;
  }

  /// The row at hand has a number there that others have read.
  void take_number(std::size_t column) {
    if (any()) columns_[column].has_number = true;
  }
  CsvColumn kind(std::size_t column) const {
    return any() ? columns_[column].kind : CsvColumn::number;
  }

  /// As NumberParser::parse; a label is a number too.
  NumberParser::Kind parse(std::size_t column, const Field& field, NumberParser& numbers,
                           double& value) {
    Column& own = columns_[column];
    if (own.is_text) return parse_text(column, field, numbers, value);
    const NumberParser::Kind kind = numbers.parse(field.text, value);
    if (kind != NumberParser::Kind::number) return parse_other(column, field, kind, numbers, value);
    own.has_number = true;
    return kind;
  }

  void begin_row() { news_.clear(); }
  /// The row is left out, and so are the labels that it brought.
  void drop_row();

  /// Begins again without the labels found so far.
  void begin_anew();
  /// Call behind set(). From the next begin_anew() on a column of either kind is text.
  void read_as_text(std::size_t column);

  std::vector<Labels>& labels() { return labels_; }
  bool has_labels(std::size_t column) const { return any() && columns_[column].has_label; }
  bool has_numbers(std::size_t column) const { return any() && columns_[column].has_number; }

 private:
  struct Column {
    explicit Column(CsvColumn own) : kind(own) { begin_anew(); }
    void begin_anew() {
      is_text = kind == CsvColumn::label || kind == CsvColumn::text;
      has_label = has_number = false;
    }

    CsvColumn kind;
    bool frozen = false;   // were its labels known before?
    bool numeric = false;  // and are all of them numbers?
    bool is_text, has_label, has_number;
  };
  /// What the row at hand has brought.
  struct News {
    std::size_t column;
    bool first, added;
  };

  NumberParser::Kind parse_text(std::size_t column, const Field& field, NumberParser& numbers,
                                double& value);
  NumberParser::Kind parse_other(std::size_t column, const Field& field, NumberParser::Kind kind,
                                 NumberParser& numbers, double& value);
  double label(std::size_t column, const Field& field, NumberParser& numbers);
  Index number_of(std::size_t column, std::string_view text, NumberParser& numbers);

  std::vector<Column> columns_;
  std::vector<Labels> labels_;
  std::vector<News> news_;
  std::string unquoted_;
};

}  // namespace nflow
