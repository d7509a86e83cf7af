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

  /// As NumberParser::parse; a label is a number too.
  NumberParser::Kind parse(std::size_t column, const Field& field, NumberParser& numbers,
                           double& value);

  void begin_row() { news_.clear(); }
  /// The row is left out, and so are the labels that it brought.
  void drop_row();

  /// Begins again without the labels found so far.
  void begin_anew();
  /// Call behind set(). From then on a column of either kind is read as text.
  void read_as_text(std::size_t column);

  std::vector<Labels>& labels() { return labels_; }
  bool has_labels(std::size_t column) const { return any() && columns_[column].has_label; }
  bool has_numbers(std::size_t column) const { return any() && columns_[column].has_number; }

 private:
  struct Column {
    CsvColumn kind = CsvColumn::number;
    bool frozen = false;  // were its labels known before?
    bool has_label = false, has_number = false;

    bool takes_numbers() const {
      return kind == CsvColumn::number || (kind == CsvColumn::either && !has_label);
    }
  };
  /// What the row at hand has brought.
  struct News {
    std::size_t column;
    bool first, added;
  };

  double label(std::size_t column, const Field& field);
  Index number_of(std::size_t column, std::string_view text);

  std::vector<Column> columns_;
  std::vector<Labels> labels_;
  std::vector<News> news_;
  std::string unquoted_;
};

}  // namespace nflow
