#pragma once

// io::LineReader of fast-cpp-csv-parser. Its header uses <limits> without including it, and makes
// some versions of GCC warn of a strncpy that is meant to truncate.

#include <limits>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation"
#endif

#include <libfccp/csv.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
