#include "io/csv_profile.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "io/csv_style.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;
using Fields = std::vector<Field>;

constexpr std::size_t kMostUnits = 3;

/// Dates are days where so many rows have hardly one twice; else they are labels.
constexpr std::size_t kFewestDates = 30;

/// What a column's first fields are.
struct Count {
  std::size_t plain = 0, marks = 0, styled = 0, all = 0;
  double largest = 0;  // of the plain numbers
  NumberStyle style = NumberStyle::plain;
  std::string sign;
  bool certain = false, agree = true;
  std::set<std::string_view> distinct;
};

void add(Count& count, const Field& field, const CsvFormat& format, NumberParser& numbers) {
  double value = 0;
  const Kind kind = numbers.parse(field.text, value);
  if (kind == Kind::missing) return;
  ++count.all;
  if (kind != Kind::text) {
    ++count.plain;
    if (kind == Kind::number) count.largest = std::max(count.largest, std::fabs(value));
    return;
  }
  if (is_missing_mark(std::string(field.text))) {
    ++count.marks;
    return;
  }
  const StyledNumber number = parse_styled(field.text, numbers, format.decimal);
  const bool first = count.styled == 0;
  count.agree = count.agree && number.style != NumberStyle::plain &&
                (first || (number.style == count.style && number.sign == count.sign));
  count.style = number.style;
  count.sign = number.sign;
  count.certain = count.certain || number.certain;
  count.distinct.insert(field.text);
  ++count.styled;
}

bool is_taken(const Count& count, CsvColumn kind, const CsvFormat& format, NumberStyle expected) {
  switch (count.style) {
    case NumberStyle::fortran:
      return true;
    case NumberStyle::thousands:
      // Without a comma between fields, one in a number may be the decimal mark.
      return count.largest < 1000 &&
             (count.certain || format.thousands != '\0' || expected == count.style ||
              (format.delimiter == ',' && format.decimal == '.'));
    case NumberStyle::currency:
      return count.largest == 0 &&
             (count.certain || format.thousands != '\0' || format.delimiter == ',');
    case NumberStyle::percent:
      return count.plain == 0;
    case NumberStyle::boolean:
      return count.plain == 0 && kind == CsvColumn::number;
    case NumberStyle::date:
      return count.plain == 0 &&
             (kind == CsvColumn::number ||
              (count.styled >= kFewestDates && 2 * count.distinct.size() > count.styled));
    default:
      return false;
  }
}

/// May numbers in that style follow, where none is among the first?
bool leaves_open(const Count& count, NumberStyle expected, const CsvFormat& format) {
  if (expected == NumberStyle::fortran) return true;
  if (expected == NumberStyle::thousands) return count.largest < 1000 || format.thousands != '\0';
  return count.plain == 0;
}

}  // namespace

ColumnProfile profile_of(const std::vector<const Field*>& fields, CsvColumn kind,
                         const CsvFormat& format, NumberParser& numbers, NumberStyle expected) {
  ColumnProfile profile;
  profile.marks = kind == CsvColumn::number;
  if (kind != CsvColumn::number && kind != CsvColumn::either) return profile;
  Count count;
  for (const Field* field : fields) {
    add(count, *field, format, numbers);
    if (!count.agree) return profile;
  }
  if (count.styled != 0 && !is_taken(count, kind, format, expected)) return profile;
  if (count.styled != 0) {
    profile.style = count.style;
    profile.sign = count.sign;
  } else if (kind == CsvColumn::number && leaves_open(count, expected, format)) {
    profile.style = expected;
  }
  profile.marks = profile.marks || count.plain + count.styled > 0;
  return profile;
}

bool is_among(const Fields& row, const std::vector<Fields>& rows) {
  const auto same = [](const Field& one, const Field& other) { return one.text == other.text; };
  return std::any_of(rows.begin(), rows.end(), [&](const Fields& own) {
    return std::equal(own.begin(), own.end(), row.begin(), row.end(), same);
  });
}

std::size_t count_units(const std::vector<Fields>& rows, const std::vector<bool>& must,
                        NumberParser& numbers, std::size_t expected) {
  double ignored = 0;
  const auto is_number = [&](const Field& field) {
    return numbers.parse(field.text, ignored) == Kind::number;
  };
  const auto is_text = [&](const Field& field) {
    return numbers.parse(field.text, ignored) == Kind::text &&
           !is_missing_mark(std::string(field.text)) &&
           parse_styled(field.text, numbers, '.').style == NumberStyle::plain;
  };
  const auto may_be_units = [&](const Fields& row) {
    return row.size() == must.size() && std::any_of(row.begin(), row.end(), is_text) &&
           std::all_of(row.begin(), row.end(),
                       [&](const Field& field) { return field.text.empty() || is_text(field); });
  };
  std::size_t units = 0;
  while (units < std::min(rows.size(), kMostUnits) && may_be_units(rows[units])) ++units;
  if (units == 0) return 0;
  if (expected > 0) {
    for (std::size_t j = 0; j < must.size(); ++j) {
      if (must[j] && is_text(rows[0][j])) return std::min(units, expected);
    }
  }
  const std::vector<Fields> first(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(units));
  std::vector<const Fields*> below;  // without units that come again behind another header
  for (std::size_t i = units; i < rows.size(); ++i) {
    if (!is_among(rows[i], first)) below.push_back(&rows[i]);
  }
  std::size_t numeric = 0;
  for (std::size_t j = 0; j < must.size(); ++j) {
    const bool text_above =
        std::any_of(first.begin(), first.end(), [&](const Fields& row) { return is_text(row[j]); });
    if (!text_above) continue;
    const bool any_text = std::any_of(below.begin(), below.end(), [&](const Fields* row) {
      return j >= row->size() || is_text((*row)[j]);
    });
    numeric += !below.empty() && !any_text && is_number((*below.front())[j]) ? 1 : 0;
  }
  const bool above_numbers = 2 * numeric >= must.size() && numeric > 0;
  return above_numbers ? units : 0;
}

}  // namespace nflow
