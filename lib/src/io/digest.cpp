#include "io/digest.h"

#include <boost/crc.hpp>
#include <cstdint>

namespace nflow {
namespace {

using Crc64Xz = boost::crc_optimal<64, 0x42F0E1EBA9EA3693ULL, ~0ULL, ~0ULL, true, true>;

std::string hexadecimal(std::uint64_t value) {
  std::string text(kDigestDigits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4) {
    *digit = "0123456789abcdef"[value & 15];
  }
  return text;
}

}  // namespace

std::string digest_without_itself(std::string_view bytes, std::size_t place) {
  const std::string_view before = bytes.substr(0, place);
  const std::string_view after = bytes.substr(place + kDigestDigits);
  const std::string zeros(kDigestDigits, '0');
  Crc64Xz crc;
  crc.process_bytes(before.data(), before.size());
  crc.process_bytes(zeros.data(), zeros.size());
  crc.process_bytes(after.data(), after.size());
  return hexadecimal(crc.checksum());
}

}  // namespace nflow
