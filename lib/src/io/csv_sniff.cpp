#include "io/csv_sniff.h"

#include <algorithm>
#include <cmath>

#include "io/csv_comments.h"
#include "io/csv_help.h"
#include "io/csv_like.h"
#include "io/csv_number.h"
#include "io/csv_parted.h"

namespace nflow {
namespace {

using Kind = NumberParser::Kind;

constexpr std::size_t kMostTitles = 60;
constexpr std::size_t kEnoughLines = 10;  // of a pipe, where they make no table
constexpr std::size_t kLongestMark = 8;   // for missing
constexpr std::size_t kFewestTitled = 2;  // records below a title, of the same number of fields

/// Have the records decimal commas, which this delimiter leaves alone?
bool has_decimal_commas(const Parted& parted) {
  const auto comma = [](const Field& field) { return is_decimal_comma(field.text); };
  return std::any_of(parted.records.begin(), parted.records.end(), [&](const Fields& fields) {
    return fields.size() > 1 && std::any_of(fields.begin(), fields.end(), comma);
  });
}

/// Blanks are in texts too. So they part fields only where half of the columns, the first row
/// apart, are numbers throughout, or but for one text that may stand for missing, such as MM.
bool blanks_part_numbers(const Parted& blanks, std::size_t first) {
  const std::size_t from = blanks.records.size() > first + 1 ? first + 1 : first;
  const std::size_t columns = blanks.fields();
  std::size_t numeric = 0;
  std::string_view mark;
  for (std::size_t j = 0; j < columns; ++j) {
    std::string_view text;
    bool numbers = true, any = false;
    for (std::size_t i = from; i < blanks.records.size() && numbers; ++i) {
      if (j >= blanks.count(i)) return false;
      const Field& field = blanks.records[i][j];
      any = any || is_number(field.text);
      if (!is_text(field)) continue;
      if (text.empty() && !field.quoted && field.text.size() <= kLongestMark) text = field.text;
      numbers = field.text == text && (mark.empty() || text == mark);
    }
    if (numbers && any && !text.empty()) mark = text;
    numeric += numbers && (any || (!text.empty() && text == mark)) ? 1 : 0;
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
    if (format.find_delimiter && format.like) like_ = format.like->manner.delimiter;
    const bool known = std::find(delimiters.begin(), delimiters.end(), like_) != delimiters.end();
    if (format.like && !known && like_ != kBlanks) delimiters.push_back(like_);
    for (const char own : delimiters) parted_.emplace_back(text, own, comment);
    finds_titles_ = format.find && format.finds_titles;
  }

  const Parted& best() {
    const Parted& own = parted_.front();
    if (own.records.empty()) return own;
    const Parted* liked = like_parted();
    if (liked != nullptr && like_ != kBlanks && liked->is_table() && !is_toa(*liked)) {
      sure_ = liked->records.size() > 1 || !any_text(liked->records[0]);
      return *liked;
    }
    if (const Parted* table = whole_table()) {
      // One line of text may be a header or stand above it.
      sure_ = table->records.size() > 1 || !any_text(table->records[0]);
      return *table;
    }
    sure_ = true;
    if (const Parted* titled = below_titles()) return *titled;
    sure_ = is_clear();
    if (liked != nullptr && liked->count(0) > 1) return *liked;
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
  /// Is it the file of a data logger, which begins with a title?
  static bool is_toa(const Parted& parted) { return parted.records[0][0].text == "TOA5"; }

  /// What the delimiter of a like table makes of the text; null where it is a comma or not known.
  const Parted* like_parted() const {
    if (like_ == ',') return nullptr;
    for (const Parted& parted : parted_) {
      if (parted.delimiter == like_ && !parted.records.empty()) return &parted;
    }
    return nullptr;
  }

  /// Where no delimiter makes a table, have there been enough lines, or does none part the last?
  bool is_clear() const {
    const Parted& own = parted_.front();
    if (own.records.size() == 1) return !any_text(own.records[0]);
    if (own.records.size() >= kEnoughLines) return true;
    return std::all_of(parted_.begin(), parted_.end(), [](const Parted& parted) {
      return !parted.records.empty() && parted.fields() == 1;
    });
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
    if (table != nullptr && is_toa(*table)) return nullptr;
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
      const bool liked = parted.delimiter == like_ && like_ != ',';
      if (best != nullptr && !liked && parted.fields() <= best->fields()) continue;
      best = &parted;
      first = titles;
      if (liked) break;
    }
    first_ = first;
    if (best != nullptr) titles_ = lines_before(text_, best->texts[first]);
    return best;
  }

  std::string_view text_;
  std::vector<Parted> parted_;
  char like_ = ',';  // the delimiter of a like table
  bool finds_titles_ = false, sure_ = false;
  std::size_t titles_ = 0, first_ = 0;
};

/// What the records say of the file's lines, from the table's first on.
void look_at_records(const Parted& table, std::size_t first, const std::optional<CsvLike>& like,
                     CsvBeginning& beginning) {
  const bool any = first < table.records.size();
  const std::size_t trailing =
      any && beginning.header.empty() ? table.trailing(first, table.records.size() - 1) : 0;
  beginning.trailing = trailing == Parted::kNoTable ? 0 : trailing;
  beginning.row_names = beginning.header.empty() && beginning.titles == 0 &&
                        table.has_row_names(0) && table.is_table();
  beginning.is_data = table.delimiter == kBlanks && first == 0 && beginning.header.empty() &&
                      is_data_like_the_next(table);
  const bool asked = like && (like->manner.decimal == ',' || !like->manner.header);
  if (any && asked) look_at_numbers(table, first, beginning);
}

}  // namespace

CsvBeginning sniff(std::string_view text, const CsvFormat& format, bool all) {
  text = without_lines(text, format.skip);
  CsvBeginning beginning;
  beginning.delimiter = format.delimiter;
  beginning.comment = format.comment;
  if (format.find && format.like && format.comment == '\0') {
    beginning.comment = format.like->manner.comment;
  }
  std::vector<std::string_view> comments;
  if (format.find && format.comment == '\0') comments = comments_in(text);
  Choice choice(text, format, comments.empty() ? beginning.comment : '#');
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
      beginning.comment = '\0';
      choice = Choice(text, format, '\0');
      table = &choice.best();
    }
  }
  beginning.delimiter = table->delimiter;
  beginning.titles = choice.titles();
  beginning.sure = all || (choice.sure() && !table->records.empty());
  if (table->records.empty() || !format.find) return beginning;
  std::size_t first = choice.first();
  if (const std::size_t titles = like_titles(text, format, *table, first); titles > 0) {
    CsvFormat below = format;
    below.finds_titles = false;
    choice = Choice(without_lines(text, titles), below, beginning.comment);
    table = &choice.best();
    beginning.delimiter = table->delimiter;
    beginning.titles = titles;
    first = 0;
  }
  if (beginning.comment == beginning.delimiter) beginning.comment = '\0';
  look_at_records(*table, first, format.like, beginning);
  return beginning;
}

}  // namespace nflow
