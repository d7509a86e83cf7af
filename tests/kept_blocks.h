#pragma once

#include <cstddef>

/// For the operators new[] and delete[] of programs under sanitizers that read many files: a reader
/// takes large blocks, one of 48 MiB among them, and to mark so many bytes as taken and as free
/// again costs up to a tenth of a second. So one block of a size is kept. Nothing watches over a
/// kept block that is not in use: keep no more than it takes.
namespace kept_blocks {

/// The kept block of this size; null where it is in use, and where eight other sizes have theirs.
void* take(std::size_t size);

/// Whether `memory` is a kept block, which is then free again.
bool give_back(void* memory) noexcept;

}  // namespace kept_blocks
