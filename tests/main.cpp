#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "kept_blocks.h"

// That of the CSV reader alone: sanitizers watch over all others.
const std::size_t kept_blocks::smallest = std::size_t{32} << 20;
