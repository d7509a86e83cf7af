#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nflow::app {

/// A share in (0, 1), and how the user wrote it, for the name of a column.
struct Share {
  double value;
  std::string text;
};

/// "0.05,0.5,0.95". Throws UsageError, as the readers of values.h do.
std::vector<Share> parse_shares(const std::string& option, std::string_view text);

/// Evenly spread values, both ends among them.
struct ValueGrid {
  double low, high;
  std::size_t count;

  double value(std::size_t i) const;
};

inline constexpr std::size_t kMostGridValues = 1000000;

/// "LO,HI,N": two numbers, LO the smaller, and 2 or more.
ValueGrid parse_grid(const std::string& option, std::string_view text);

}  // namespace nflow::app
