#include "io/csv_comments.h"

#include <algorithm>
#include <set>

namespace nflow {
namespace {

bool is_comment(std::string_view line) { return trim(line).substr(0, 1) == "#"; }

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

}  // namespace

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

}  // namespace nflow
