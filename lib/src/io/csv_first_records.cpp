#include <algorithm>

#include "io/csv_sniff.h"

namespace nflow {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 18, kFewestRecords = 4;  // of long ones

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

}  // namespace nflow
