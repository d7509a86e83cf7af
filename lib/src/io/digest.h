#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nflow {

constexpr std::size_t kDigestDigits = 16;

/// CRC-64/XZ of a file that holds its own digest: the kDigestDigits bytes at `place` count as '0'.
/// In lower-case hexadecimal. It finds every change of up to 64 bits in a row; it is no signature.
std::string digest_without_itself(std::string_view bytes, std::size_t place);

}  // namespace nflow
