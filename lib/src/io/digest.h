#pragma once

#include <lzma.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nflow {

constexpr std::size_t kDigestDigits = 16;

/// CRC-64/XZ, in lower-case hexadecimal. It finds every change of up to 64 bits in a row; it is no
/// signature.
class Digest {
 public:
  void add(const void* bytes, std::size_t size) {
    crc_ = lzma_crc64(static_cast<const std::uint8_t*>(bytes), size, crc_);
  }
  std::string text() const;

 private:
  std::uint64_t crc_ = 0;
};

/// The digest of a file that holds it: the kDigestDigits bytes at `place` count as '0'.
std::string digest_without_itself(std::string_view bytes, std::size_t place);

}  // namespace nflow
