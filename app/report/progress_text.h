#pragma once

#include <cstddef>
#include <limits>
#include <string>

namespace nflow::app {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// How far a piece of work is. Numbers may be unknown.
struct Stage {
  std::string what;             ///< "epoch 3"
  double share = kUnknown;      ///< of the work that is done, 0 to 1
  double seconds = 0;           ///< since it began
  double rate = kUnknown;       ///< rows a second
  double log_prob = kUnknown;   ///< of validation rows, the best so far
  double time_left = kUnknown;  ///< seconds
};

/// For a terminal: "epoch 3 [=====>     ]  43%, 61200 rows/s, log p -12.3456, 1m20s left", or as
/// much of that as `width` has room for.
std::string bar_text(const Stage& stage, std::size_t width);
/// For a file: "epoch 3, 43%, validation log p -12.3456 so far, 61200 rows/s, 1m20s left".
std::string line_text(const Stage& stage);

/// The seconds after which the next such line is due, where the last one came after `seconds` (0:
/// none came yet): 10, 20, 40, and so on, but never more than five minutes behind the last.
double next_line(double seconds);

/// "45s", "1m20s", "3h07m".
std::string duration_text(double seconds);

}  // namespace nflow::app
