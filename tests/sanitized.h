#pragma once

#include <doctest/doctest.h>

namespace nflow::testing {

#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// For a case that computes for long and goes the ways of others: sanitizers would show nothing
/// new.
const doctest::skip kLong{kSanitized};

}  // namespace nflow::testing
