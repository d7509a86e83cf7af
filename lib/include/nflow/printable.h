#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nflow {

/// Text from a file, made fit for an error message on a terminal: control characters, marks of
/// direction and bytes that are no UTF-8 become \n, \t or \x1b, a byte order mark and other
/// characters that nobody sees \ufeff; what is longer than about `limit`
/// bytes ends in "...".
std::string printable(std::string_view text, std::size_t limit = 40);
/// The same in full.
std::string shown(std::string_view text);

/// JSON text in UTF-8 with \u escapes for what a terminal would act upon and JSON leaves as it is:
/// DEL, the control characters of Latin-1 and marks of direction. It means the same.
std::string shown_json(std::string_view json);

/// Has it control characters (NUL, ESC, a line feed and the like), or is it no UTF-8?
bool has_controls(std::string_view text);

/// Is it text in UTF-8, from one end to the other?
bool is_utf8(std::string_view text);

/// "1 row", "2 rows".
std::string counted(std::int64_t count, const std::string& noun);

/// "a, b, c"
std::string joined(const std::vector<std::string>& list, std::string_view separator = ", ");
/// "a, b and 3 more": the first `most` names as they may be shown, and how many are left.
std::string listed(const std::vector<std::string>& names, std::size_t most);
std::string joined(const std::vector<std::ptrdiff_t>& numbers, std::string_view separator = ", ");

}  // namespace nflow
