#include "io/csv_like.h"

#include <algorithm>
#include <unordered_set>

#include "io/csv_help.h"
#include "io/csv_names.h"
#include "io/csv_rows.h"

namespace nflow {

bool holds_names(const std::vector<Field>& fields, const std::vector<std::string>& names) {
  const std::vector<std::string> own = names_in_header(fields);
  const std::unordered_set<std::string> wanted(names.begin(), names.end());
  bool any = false;
  for (std::size_t j = 0; j < fields.size(); ++j) {
    const bool named = wanted.count(own[j]) != 0;
    if (!named && !fields[j].text.empty() && !is_text(fields[j])) return false;
    any = any || named;
  }
  return any;
}

std::size_t like_titles(std::string_view text, const CsvFormat& format, const Parted& table,
                        std::size_t first) {
  if (!format.like || !format.find || !format.finds_titles) return 0;
  const TableManner& manner = format.like->manner;
  if (manner.titles == 0) return 0;
  const auto behind =
      records_in(without_lines(text, manner.titles), table.delimiter, manner.comment, 1);
  Fields fields;
  if (behind.empty() || !split_record(behind[0], table.delimiter, fields)) return 0;
  if (!manner.header) return fields.size() != table.count(0) ? manner.titles : 0;
  const bool here =
      first < table.records.size() && holds_names(table.records[first], format.like->names);
  return !here && holds_names(fields, format.like->names) ? manner.titles : 0;
}

void look_at_numbers(const Parted& table, std::size_t first, CsvBeginning& beginning) {
  bool commas = false, points = false, numbers = false;
  for (std::size_t i = first; i < table.records.size(); ++i) {
    for (const Field& field : table.records[i]) {
      commas = commas || is_decimal_comma(field.text);
      points = points || is_decimal_point(field.text);
    }
    numbers = numbers || (i > first && any_number(table.records[i]));
  }
  beginning.points = points && !commas;
  beginning.is_header = numbers && all_text(table.records[first]);
}

/// Takes the marks in numbers of a like table that has the delimiter of this one.
void CsvReader::Impl::take_like_marks() {
  if (!format.find || !format.like || format.like->manner.delimiter != format.delimiter) return;
  const TableManner& like = format.like->manner;
  if (like.decimal == ',' && format.thousands != ',' && !beginning.points) {
    manner.decimal = format.decimal != ',';
    format.decimal = ',';
    numbers = NumberParser(format.na_tokens, format.decimal);
  }
  const bool goes = like.decimal == format.decimal && format.thousands == '\0';
  if (goes) format.thousands = like.thousands;
}

/// How the like table, where it has the same marks, writes the numbers of a column of that name.
NumberStyle CsvReader::Impl::like_style(const std::string& column) const {
  if (!format.like || format.like->manner.delimiter != format.delimiter ||
      format.like->manner.decimal != format.decimal) {
    return NumberStyle::plain;
  }
  const auto& styles = format.like->manner.styles;
  const auto found = std::find_if(styles.begin(), styles.end(),
                                  [&](const auto& style) { return style.first == column; });
  return found == styles.end() ? NumberStyle::plain : found->second;
}

TableManner CsvReader::table_manner() const {
  const Impl& self = *impl_;
  TableManner found;
  found.delimiter = self.format.delimiter;
  found.decimal = self.format.decimal;
  found.thousands = self.format.thousands;
  found.comment = self.format.comment;
  found.titles = self.format.skip + self.manner.titles;
  found.units = self.manner.units;
  found.header = self.has_header;
  for (const auto& style : self.manner.styles) {
    if (style.second != NumberStyle::currency) found.styles.push_back(style);
  }
  std::sort(found.styles.begin(), found.styles.end());
  return found;
}

}  // namespace nflow
