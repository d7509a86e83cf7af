#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace nflow {

/// A message with at most a line's worth of each thing that it quotes, however long that is in the
/// file or the option that it comes from, and some lines' worth in all; its begin and its end stay.
std::string brief(std::string_view message);

/// The work failed: bad data, a bad model, I/O, diverged training. The text is one line that a
/// user can act on, with file, line and column where there are such. nflow exits with 1.
class Error : public std::runtime_error {
 public:
  /// The text is brief(message).
  explicit Error(const std::string& message) : std::runtime_error(brief(message)) {}
};

/// The caller asked for something that cannot be: an unknown flow, an option the flow cannot use,
/// a column that is not there. nflow exits with 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The work was cut short because the caller said so; see Interruption.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted") {}
};

}  // namespace nflow
