#include "io/csv_style.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "io/csv_fields.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;

// Marks between thousands that are no decimal mark anywhere: the blanks of Unicode, the apostrophe.
constexpr std::string_view kSeparators[] = {" ", "'", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
constexpr std::string_view kCurrencies[] = {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool begins_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

/// The digits at the front.
std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

bool is_number(std::string_view text, NumberParser& plain, double& value) {
  const bool begins = !text.empty() && (is_digit(text[0]) || text[0] == '-' || text[0] == '+' ||
                                        text[0] == '.' || text[0] == ',');
  return begins && plain.parse(text, value) == Kind::number;
}

/// 1.5D+03: one D, between a digit or the decimal mark and an exponent.
bool read_fortran(std::string_view text, NumberParser& plain, double& value) {
  const std::size_t at = text.find_first_of("dD");
  if (at == 0 || at == text.npos) return false;
  std::string_view exponent = text.substr(at + 1);
  if (!exponent.empty() && (exponent[0] == '+' || exponent[0] == '-')) exponent.remove_prefix(1);
  if (exponent.empty() || count_digits(exponent) != exponent.size()) return false;
  if (text.find_first_of("xX") != text.npos) return false;
  std::string with_e(text);
  with_e[at] = 'E';
  return is_number(with_e, plain, value);
}

/// Takes the mark between groups of three digits out of the text; how many there were.
std::size_t join_groups(std::string_view text, std::string_view mark, std::string& joined) {
  joined.clear();
  std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t first = count_digits(text.substr(sign));
  if (first == 0 || first > 3 || text[sign] == '0') return 0;
  joined = text.substr(0, sign + first);
  std::size_t at = sign + first, groups = 0;
  while (begins_with(text.substr(at), mark) && at + mark.size() < text.size()) {
    at += mark.size();
    if (count_digits(text.substr(at, 4)) != 3) return 0;
    joined += text.substr(at, 3);
    at += 3;
    ++groups;
  }
  joined += text.substr(at);
  return groups;
}

bool read_thousands(std::string_view text, NumberParser& plain, char decimal,
                    StyledNumber& number) {
  std::string joined;
  const char other[] = {decimal == '.' ? ',' : '.'};
  const std::string_view fraction(&decimal, 1);
  const std::string_view tail = text.substr(std::min(text.size(), text.find(fraction)));
  std::size_t groups = join_groups(text, {other, 1}, joined);
  if (groups > 0 && is_number(joined, plain, number.value)) {
    number.certain = groups > 1 || !tail.empty();
    return true;
  }
  return std::any_of(std::begin(kSeparators), std::end(kSeparators), [&](std::string_view mark) {
    return join_groups(text, mark, joined) > 0 && is_number(joined, plain, number.value);
  });
}

bool read_percent(std::string_view text, NumberParser& plain, double& value) {
  if (text.empty() || text.back() != '%') return false;
  return is_number(trim(text.substr(0, text.size() - 1)), plain, value);
}

/// $5, -$5, $-5, ($5), with or without marks between thousands.
bool read_currency(std::string_view text, NumberParser& plain, char decimal, StyledNumber& number) {
  bool negative = false;
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    negative = true;
    text = text.substr(1, text.size() - 2);
  } else if (!text.empty() && text.front() == '-') {
    negative = true;
    text.remove_prefix(1);
  }
  const auto* sign = std::find_if(std::begin(kCurrencies), std::end(kCurrencies),
                                  [&](std::string_view own) { return begins_with(text, own); });
  if (sign == std::end(kCurrencies)) return false;
  text = trim(text.substr(sign->size()));
  if (!is_number(text, plain, number.value) && !read_thousands(text, plain, decimal, number)) {
    return false;
  }
  if (negative && number.value < 0) return false;
  if (negative) number.value = -number.value;
  number.sign = *sign;
  return true;
}

bool read_boolean(std::string_view text, double& value) {
  const bool yes = text == "TRUE" || text == "True" || text == "true";
  value = yes ? 1 : 0;
  return yes || text == "FALSE" || text == "False" || text == "false";
}

/// Days from the first of 1970 in the calendar of today, whatever the year (H. Hinnant's).
std::int64_t days_of(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// `count` digits at `at`, and no more.
int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size() || count_digits(text.substr(at, count)) != count) return -1;
  int number = 0;
  for (const char c : text.substr(at, count)) number = 10 * number + (c - '0');
  return number;
}

int days_in(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/// 12:00, 12:00:00 or 12:00:00.25, perhaps with a Z behind, as a share of the day.
bool read_time(std::string_view text, NumberParser& plain, double& share) {
  if (!text.empty() && text.back() == 'Z') text.remove_suffix(1);
  const int hour = digits_at(text, 0, 2), minute = digits_at(text, 3, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[2] != ':') return false;
  double second = 0;
  if (text.size() > 5) {
    const int whole = digits_at(text, 6, 2);
    const std::string_view rest = text.substr(std::min<std::size_t>(8, text.size()));
    const bool good = text[5] == ':' && whole >= 0 && whole <= 60;
    if (!good || (!rest.empty() && (rest[0] != '.' || count_digits(rest.substr(1)) == 0 ||
                                    count_digits(rest.substr(1)) + 1 != rest.size()))) {
      return false;
    }
    second = whole;
    double fraction = 0;
    if (!rest.empty() && plain.parse("0" + std::string(rest), fraction) == Kind::number) {
      second += fraction;
    }
  }
  share = (hour * 3600 + minute * 60 + second) / 86400;
  return true;
}

bool read_date(std::string_view text, NumberParser& plain, double& value) {
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
  if (text[4] != '-' || text[7] != '-') return false;
  double share = 0;
  if (text.size() > 10) {
    if (text[10] != 'T' && text[10] != ' ') return false;
    if (!read_time(text.substr(11), plain, share)) return false;
  }
  value = static_cast<double>(days_of(year, month, day)) + share;
  return true;
}

}  // namespace

StyledNumber parse_styled(std::string_view text, NumberParser& plain, char decimal) {
  text = trim(text);
  StyledNumber number;
  if (read_fortran(text, plain, number.value)) {
    number.style = NumberStyle::fortran;
  } else if (read_thousands(text, plain, decimal, number)) {
    number.style = NumberStyle::thousands;
  } else if (read_percent(text, plain, number.value)) {
    number.style = NumberStyle::percent;
  } else if (read_currency(text, plain, decimal, number)) {
    number.style = NumberStyle::currency;
  } else if (read_boolean(text, number.value)) {
    number.style = NumberStyle::boolean;
  } else if (read_date(text, plain, number.value)) {
    number.style = NumberStyle::date;
  }
  return number;
}

bool is_missing_mark(const std::string& text) {
  static const char* const marks[] = {"#N/A", "\\N", "<NA>", "#DIV/0!", "#VALUE!", "#NUM!",
                                      "N/A",  "n/a", "null", "NULL",    "Null",    "NaT",
                                      "?",    ".",   "-",    "#REF!",   "#NAME?"};
  return std::find(std::begin(marks), std::end(marks), text) != std::end(marks);
}

}  // namespace nflow
