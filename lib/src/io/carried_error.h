#pragma once

#include <string>
#include <vector>

#include "nflow/error.h"

namespace nflow {

// Errors that all ranks throw, though one alone has met it.

/// The text, and the help of a CsvError, as bytes.
std::string carried(const Error& error);

/// Throws the error that these bytes begin with.
[[noreturn]] void throw_carried(const std::vector<char>& bytes);

}  // namespace nflow
