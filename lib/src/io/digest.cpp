#include "io/digest.h"

namespace nflow {

std::string Digest::text() const {
  std::string text(kDigestDigits, '0');
  std::uint64_t value = crc_;
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4) {
    *digit = "0123456789abcdef"[value & 15];
  }
  return text;
}

std::string digest_without_itself(std::string_view bytes, std::size_t place) {
  const std::string_view after = bytes.substr(place + kDigestDigits);
  const std::string zeros(kDigestDigits, '0');
  Digest digest;
  digest.add(bytes.data(), place);
  digest.add(zeros.data(), zeros.size());
  digest.add(after.data(), after.size());
  return digest.text();
}

}  // namespace nflow
