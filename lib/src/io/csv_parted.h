#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv_number.h"
#include "io/csv_sniff.h"

namespace nflow {

// What sniff() sees in the first records.

using Fields = std::vector<Field>;

/// Is it a number with either decimal mark?
inline bool is_number(std::string_view text) {
  double ignored = 0;
  return NumberParser({}, '.').parse(text, ignored) == NumberParser::Kind::number ||
         NumberParser({}, ',').parse(text, ignored) == NumberParser::Kind::number;
}

/// Is it neither that, nor empty, nor a mark for a missing one?
inline bool is_text(const Field& field) {
  return !field.text.empty() && !is_number(field.text) && !is_missing_mark(std::string(field.text));
}

inline bool all_text(const Fields& fields) {
  return std::all_of(fields.begin(), fields.end(), is_text);
}

inline bool any_number(const Fields& fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const Field& field) { return is_number(field.text); });
}

inline std::size_t empty_at_end(const Fields& fields) {
  std::size_t count = 0;
  while (count < fields.size() && fields[fields.size() - 1 - count].text.empty()) ++count;
  return count;
}

/// The first records as a delimiter parts them.
class Parted {
 public:
  static constexpr std::size_t kMostRecords = 100;

  Parted(std::string_view text, char own, char comment) : delimiter(own) {
    for (const std::string_view record : records_in(text, own, comment, kMostRecords)) {
      texts.push_back(record);
      records.emplace_back();
      split_record(record, own, records.back());
    }
  }

  std::size_t count(std::size_t i) const { return records[i].size(); }
  std::size_t fields() const { return records.back().size(); }
  /// Have all records from the first on the same number of fields, two at least? The header may
  /// have fewer or more empty ones at its end.
  bool is_table(std::size_t first = 0) const {
    if (records.size() <= first) return false;
    const std::size_t last = records.size() - 1;
    const std::size_t fields = count(last);
    for (std::size_t i = first + 1; i < last; ++i) {
      if (count(i) != fields) return false;
    }
    return fields >= 2 && (has_row_names(first) || trailing(first, last) != kNoTable);
  }
  /// Has the header one name too few, as R writes tables whose rows have names?
  bool has_row_names(std::size_t first) const {
    return delimiter == kBlanks && records.size() > first + 1 && count(first) >= 2 &&
           count(first) + 1 == fields() && all_text(records[first]);
  }
  /// Empty fields at the end of all records, which are no columns.
  std::size_t trailing(std::size_t first, std::size_t last) const {
    std::size_t rows = last > first ? kNoTable : empty_at_end(records[first]);
    for (std::size_t i = first + 1; i <= last; ++i) {
      rows = std::min(rows, empty_at_end(records[i]));
    }
    const Fields& header = records[first];
    const std::size_t fields = count(last), nameless = empty_at_end(header);
    if (header.size() == fields) {
      const std::size_t both =
          last > first && all_text_before(header, nameless) ? std::min(rows, nameless) : 0;
      return both < fields ? both : 0;
    }
    if (header.size() > fields) {
      const std::size_t more = header.size() - fields;
      return nameless >= more ? more : kNoTable;
    }
    const std::size_t more = fields - header.size();
    return rows >= more && nameless == 0 && last > first ? more : kNoTable;
  }

  static constexpr std::size_t kNoTable = ~std::size_t{0};

  char delimiter;
  std::vector<std::string_view> texts;
  std::vector<Fields> records;

 private:
  static bool all_text_before(const Fields& header, std::size_t nameless) {
    return std::all_of(header.begin(), header.end() - static_cast<std::ptrdiff_t>(nameless),
                       is_text);
  }
};

}  // namespace nflow
