#pragma once

#include <cstddef>

/// The operators new[] and delete[] of kept_blocks.cpp, for programs under sanitizers that read
/// many files: a reader takes large blocks, one of 48 MiB among them, and to mark so many bytes as
/// taken and as free again costs up to a tenth of a second. So one block of each such size is kept.
/// Nothing watches over a kept block that is not in use: keep no more than it takes.
namespace kept_blocks {

/// The smallest block to keep, in bytes. The program defines it.
extern const std::size_t smallest;

}  // namespace kept_blocks
