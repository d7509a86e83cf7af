#include "io/csv_sniff.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "io/csv_advice.h"
#include "io/csv_number.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;
using Fields = std::vector<Field>;

constexpr std::size_t kMostRecords = 100, kMostTitles = 60;
constexpr std::size_t kMostBytes = std::size_t{1} << 18, kFewestRecords = 4;  // of long ones
constexpr std::size_t kFewestTitled = 2;  // records below a title, of the same number of fields

bool is_number(std::string_view text) {
  double ignored = 0;
  return NumberParser({}, '.').parse(text, ignored) == Kind::number ||
         NumberParser({}, ',').parse(text, ignored) == Kind::number;
}

bool is_text(const Field& field) {
  return !field.text.empty() && !is_number(field.text) && !is_missing_mark(std::string(field.text));
}

bool all_text(const Fields& fields) { return std::all_of(fields.begin(), fields.end(), is_text); }

bool any_number(const Fields& fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const Field& field) { return is_number(field.text); });
}

std::size_t empty_at_end(const Fields& fields) {
  std::size_t count = 0;
  while (count < fields.size() && fields[fields.size() - 1 - count].text.empty()) ++count;
  return count;
}

/// The first records as a delimiter parts them.
class Parted {
 public:
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

/// Have the records decimal commas, which this delimiter leaves alone?
bool has_decimal_commas(const Parted& parted) {
  const auto comma = [](const Field& field) { return is_decimal_comma(field.text); };
  return std::any_of(parted.records.begin(), parted.records.end(), [&](const Fields& fields) {
    return fields.size() > 1 && std::any_of(fields.begin(), fields.end(), comma);
  });
}

/// Blanks are in texts too. So they part fields only where half of the columns, the first row
/// apart, are numbers throughout.
bool blanks_part_numbers(const Parted& blanks, std::size_t first) {
  const std::size_t from = blanks.records.size() > first + 1 ? first + 1 : first;
  const std::size_t columns = blanks.fields();
  std::size_t numeric = 0;
  for (std::size_t j = 0; j < columns; ++j) {
    bool numbers = true, any = false;
    for (std::size_t i = from; i < blanks.records.size() && numbers; ++i) {
      if (j >= blanks.count(i)) return false;
      const Field& field = blanks.records[i][j];
      numbers = !is_text(field);
      any = any || is_number(field.text);
    }
    numeric += numbers && any ? 1 : 0;
  }
  return 2 * numeric >= columns;
}

/// Two columns whose second has three digits throughout may be one with blanks between thousands.
bool may_be_thousands(const Parted& blanks) {
  for (std::size_t i = 0; i < blanks.records.size(); ++i) {
    const Fields& fields = blanks.records[i];
    const bool three = fields.size() == 2 && fields[1].text.size() == 3 &&
                       fields[1].text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!three && (i > 0 || !all_text(fields))) return false;
  }
  return true;
}

/// Is a column of it a run of numbers with blanks between?
bool holds_blanks(const Parted& parted) {
  const Fields& row = parted.records.back();
  Fields inside;
  return std::any_of(row.begin(), row.end(), [&](const Field& field) {
    return !field.quoted && split_record(field.text, kBlanks, inside) && inside.size() > 2 &&
           std::all_of(inside.begin(), inside.end(),
                       [](const Field& own) { return is_number(own.text); });
  });
}

/// How many records at the front are lines above the table; 0 where there is no telling.
std::size_t title_records(const Parted& parted) {
  const std::size_t all = parted.records.size();
  if (all != 0 && parted.records[0][0].text == "TOA5") return all > 1 ? 1 : 0;  // of a data logger
  for (std::size_t first = 1; first + kFewestTitled <= all && first <= kMostTitles; ++first) {
    if (!parted.is_table(first)) continue;
    const std::size_t fields = parted.fields();
    const bool titled = all_text(parted.records[first]);
    for (std::size_t i = 0; i < first; ++i) {
      const Fields& title = parted.records[i];
      const bool numbers = std::all_of(title.begin(), title.end(),
                                       [](const Field& field) { return is_number(field.text); });
      // One name too few is a header whose rows have names of their own.
      const bool may_be_header = title.size() + 1 == fields && title.size() > 1;
      if (numbers || may_be_header || title.size() == fields) return 0;
      if (!titled && title.size() > 1 && 2 * title.size() > fields) return 0;
    }
    return first;
  }
  return 0;
}

/// Could the first record be names, though some of it are numbers: years, or 1, 2, 3?
bool may_be_names(const Fields& fields) {
  double before = -1;
  for (const Field& field : fields) {
    double value = 0;
    if (NumberParser({}).parse(field.text, value) != Kind::number) continue;
    if (value <= before || value != std::floor(value)) return false;
    if (field.text.find_first_not_of("0123456789") != std::string_view::npos) return false;
    before = value;
  }
  return true;
}

/// Is all text of the first record above text, and the rest of it numbers above numbers?
bool is_data_like_the_next(const Parted& parted) {
  if (parted.records.size() < 2 || parted.count(0) != parted.count(1)) return false;
  const Fields& first = parted.records[0];
  if (!any_number(first) || may_be_names(first)) return false;
  for (std::size_t j = 0; j < first.size(); ++j) {
    if (is_text(first[j]) && !is_text(parted.records[1][j])) return false;
  }
  return true;
}

std::size_t lines_before(std::string_view text, std::string_view record) {
  return static_cast<std::size_t>(
      std::count(text.begin(), text.begin() + (record.data() - text.data()), '\n'));
}

/// Chooses among what each delimiter makes of the text.
class Choice {
 public:
  Choice(std::string_view text, const CsvFormat& format, char comment) : text_(text) {
    std::vector<char> delimiters{format.delimiter};
    if (format.find_delimiter) {
      for (const char own : {'\t', ';', '|'}) {
        if (own != format.delimiter) delimiters.push_back(own);
      }
      if (format.find) delimiters.push_back(kBlanks);
    }
    for (const char own : delimiters) parted_.emplace_back(text, own, comment);
    finds_titles_ = format.find && format.finds_titles;
  }

  const Parted& best() {
    const Parted& own = parted_.front();
    sure_ = true;
    if (own.records.empty()) return own;
    if (const Parted* table = whole_table()) return *table;
    if (const Parted* titled = below_titles()) return *titled;
    sure_ = own.records.size() == 1 && !any_text(own.records[0]);
    const char other = parted_.size() == 1 ? '\0' : other_delimiter(own.texts[0], own.count(0));
    for (const Parted& parted : parted_) {
      if (other != '\0' && parted.delimiter == other) return parted;
    }
    return own;
  }
  /// Lines above the table, and how many of the records they are.
  std::size_t titles() const { return titles_; }
  std::size_t first() const { return first_; }
  bool sure() const { return sure_; }

 private:
  static bool any_text(const Fields& fields) {
    return std::any_of(fields.begin(), fields.end(), is_text);
  }

  const Parted* whole_table() const {
    const Parted *table = nullptr, *blanks = nullptr;
    for (const Parted& parted : parted_) {
      if (!parted.is_table()) continue;
      if (parted.delimiter == kBlanks) {
        const bool names = parted.count(0) == 2 && all_text(parted.records[0]);
        const bool clear = names || !may_be_thousands(parted);
        if (clear && blanks_part_numbers(parted, 0)) blanks = &parted;
      } else if (table == nullptr) {
        table = &parted;
      } else if (table->delimiter == ',' ? has_decimal_commas(parted)
                                         : parted.fields() > table->fields()) {
        table = &parted;
      }
    }
    const bool toa = table != nullptr && table->records[0][0].text == "TOA5";
    if (toa) return nullptr;
    if (table == nullptr || (blanks != nullptr && holds_blanks(*table))) {
      return blanks != nullptr || table == nullptr ? blanks : table;
    }
    return table;
  }

  const Parted* below_titles() {
    if (!finds_titles_) return nullptr;
    const Parted* best = nullptr;
    std::size_t first = 0;
    for (const Parted& parted : parted_) {
      if (parted.records.empty()) continue;
      const std::size_t titles = title_records(parted);
      if (titles == 0) continue;
      if (parted.delimiter == kBlanks &&
          (best != nullptr || parted.fields() < 3 || !blanks_part_numbers(parted, titles))) {
        continue;
      }
      if (best != nullptr && parted.fields() <= best->fields()) continue;
      best = &parted;
      first = titles;
    }
    first_ = first;
    if (best != nullptr) titles_ = lines_before(text_, best->texts[first]);
    return best;
  }

  std::string_view text_;
  std::vector<Parted> parted_;
  bool finds_titles_ = false, sure_ = false;
  std::size_t titles_ = 0, first_ = 0;
};

bool is_comment(std::string_view line) { return trim(line).substr(0, 1) == "#"; }

/// The lines at the front that begin with #, blank ones apart.
std::vector<std::string_view> comments_in(std::string_view text) {
  std::vector<std::string_view> comments;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view trimmed = trim(line.substr(0, line.find('\r')));
    if (!trimmed.empty() && !is_comment(trimmed)) break;
    if (!trimmed.empty()) comments.push_back(trimmed);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return comments;
}

/// Has the comment as many fields as the row, texts that could be names or units?
bool fits(std::string_view comment, char delimiter, const Fields& row, Fields& names) {
  if (!split_record(comment, delimiter, names) || names.size() != row.size()) return false;
  if (row.size() == 1 && comment.find_first_of(" \t") != std::string_view::npos) return false;
  return std::all_of(names.begin(), names.end(), is_text);
}

bool all_differ(const Fields& names) {
  std::set<std::string_view> distinct;
  for (const Field& name : names) distinct.insert(name.text);
  return distinct.size() == names.size();
}

/// Does the first record stand above numbers as a header does?
bool has_own_header(const Parted& table) {
  const Fields& first = table.records[0];
  if (!any_number(first)) return true;
  std::size_t names = 0, numbers = 0;
  for (std::size_t j = 0; table.records.size() > 1 && j < std::min(table.count(1), first.size());
       ++j) {
    if (!is_number(table.records[1][j].text)) continue;
    names += is_text(first[j]) ? 1 : 0;
    numbers += is_number(first[j].text) ? 1 : 0;
  }
  return names > numbers;
}

/// The header among the comments above a table: the last that fits, or the one before it where that
/// fits too and the last has units. Empty where the table has one of its own.
std::string header_in(const std::vector<std::string_view>& comments, const Parted& table) {
  if (table.records.empty() || has_own_header(table)) return "";
  std::string header;
  Fields names;
  for (std::size_t k = 1; k <= std::min<std::size_t>(2, comments.size()); ++k) {
    std::string_view comment = comments[comments.size() - k];
    comment.remove_prefix(std::min(comment.find_first_not_of('#'), comment.size()));
    comment = trim(comment);
    if (!fits(comment, table.delimiter, table.records[0], names)) break;
    if (all_differ(names)) header = comment;
  }
  return header;
}

}  // namespace

std::string_view without_lines(std::string_view text, std::size_t lines) {
  for (; lines > 0; --lines) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text;
}

std::vector<std::string_view> records_in(std::string_view text, char delimiter, char comment,
                                         std::size_t most) {
  std::vector<std::string_view> records;
  QuoteState quotes(delimiter);
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size() && records.size() < most;) {
    if (at > kMostBytes && records.size() >= kFewestRecords) break;
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    std::size_t end = newline;
    if (end > at && text[end - 1] == '\r') --end;
    const std::string_view line = text.substr(at, end - at);
    if (!quotes.open()) {
      begin = at;
      const std::string_view trimmed = trim(line, delimiter);
      const bool left_out = trimmed.empty() || (comment != '\0' && trimmed.front() == comment);
      at = newline + 1;
      if (left_out || quotes.goes_on_after(line, 1)) continue;
    } else {
      at = newline + 1;
      if (quotes.goes_on_after(line, 1)) continue;
    }
    records.push_back(text.substr(begin, end - begin));
  }
  return records;
}

CsvBeginning sniff(std::string_view text, const CsvFormat& format, bool all) {
  text = without_lines(text, format.skip);
  CsvBeginning beginning;
  beginning.delimiter = format.delimiter;
  beginning.comment = format.comment;
  std::vector<std::string_view> comments;
  if (format.find && format.comment == '\0') comments = comments_in(text);
  Choice choice(text, format, comments.empty() ? format.comment : '#');
  const Parted* table = &choice.best();
  if (!comments.empty() && !table->records.empty()) {
    Fields fields;
    split_record(comments.back(), table->delimiter, fields);
    const bool is_name = fields[0].text == "#" && fields.size() == table->count(0) &&
                         table->delimiter != kBlanks && fields.size() > 1;
    if (!is_name) {
      beginning.comment = '#';
      if (format.header == CsvFormat::Header::automatic) {
        beginning.header = header_in(comments, *table);
      }
    } else {
      choice = Choice(text, format, '\0');
      table = &choice.best();
    }
  }
  beginning.delimiter = table->delimiter;
  beginning.titles = choice.titles();
  beginning.sure = all || (choice.sure() && !table->records.empty());
  if (table->records.empty() || !format.find) return beginning;
  const std::size_t first = choice.first();
  const std::size_t trailing = first < table->records.size() && beginning.header.empty()
                                   ? table->trailing(first, table->records.size() - 1)
                                   : 0;
  beginning.trailing = trailing == Parted::kNoTable ? 0 : trailing;
  beginning.row_names = beginning.header.empty() && beginning.titles == 0 &&
                        table->has_row_names(0) && table->is_table();
  beginning.is_data = table->delimiter == kBlanks && first == 0 && beginning.header.empty() &&
                      is_data_like_the_next(*table);
  return beginning;
}

}  // namespace nflow
