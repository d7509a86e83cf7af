#pragma once

#include <boost/crc.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace nflow {

constexpr std::size_t kDigestDigits = 16;

/// CRC-64/XZ, in lower-case hexadecimal. It finds every change of up to 64 bits in a row; it is no
/// signature.
class Digest {
 public:
  void add(const void* bytes, std::size_t size) { crc_.process_bytes(bytes, size); }
  std::string text() const;

 private:
  boost::crc_optimal<64, 0x42F0E1EBA9EA3693ULL, ~0ULL, ~0ULL, true, true> crc_;
};

/// Of a file that holds its own digest: the kDigestDigits bytes at `place` count as '0'.
std::string digest_without_itself(std::string_view bytes, std::size_t place);

}  // namespace nflow
