#pragma once

#include <stdexcept>
#include <string>

namespace nflow {

/// The work failed: bad data, a bad model, I/O, diverged training. The text is one line that a
/// user can act on, with file, line and column where there are such. nflow exits with 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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
