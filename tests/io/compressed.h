#pragma once

#include <bzlib.h>
#include <lzma.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <stdexcept>
#include <string>

// Texts as gzip(1), bzip2(1), zstd(1), xz(1) and zip(1) write them.

namespace compressed {

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib fails");
  std::string bytes(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int status = deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib fails");
  return bytes;
}

inline std::string zstd(const std::string& text) {
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  const std::size_t size =
      ZSTD_compress2(context, bytes.data(), bytes.size(), text.data(), text.size());
  ZSTD_freeCCtx(context);
  if (ZSTD_isError(size) != 0) throw std::runtime_error("zstd fails");
  bytes.resize(size);
  return bytes;
}

inline std::string xz(const std::string& text) {
  std::string bytes(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  const lzma_ret status = lzma_easy_buffer_encode(
      1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
      reinterpret_cast<std::uint8_t*>(bytes.data()), &size, bytes.size());
  if (status != LZMA_OK) throw std::runtime_error("liblzma fails");
  bytes.resize(size);
  return bytes;
}

inline std::string bzip2(const std::string& text) {
  std::string bytes(text.size() + text.size() / 50 + 1000, '\0');
  auto size = static_cast<unsigned>(bytes.size());
  const int status =
      BZ2_bzBuffToBuffCompress(bytes.data(), &size, const_cast<char*>(text.data()),
                               static_cast<unsigned>(text.size()), /*blocks of 100 kB*/ 1, 0, 0);
  if (status != BZ_OK) throw std::runtime_error("libbz2 fails");
  bytes.resize(size);
  return bytes;
}

/// A number of so many bytes, the lowest first.
inline std::string little(std::uint64_t number, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, number >>= 8) text += static_cast<char>(number & 255);
  return text;
}

/// A member of a zip archive. Where `streamed`, its sizes and checksum stand behind it.
inline std::string zip_member(const std::string& name, const std::string& text, bool stored = false,
                              bool streamed = false) {
  std::string packed = text;
  if (!stored) {
    const std::string whole = gzip(text);
    packed = whole.substr(10, whole.size() - 18);  // without the header and the end of gzip
  }
  const uLong crc =
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  const std::string sums = little(crc, 4) + little(packed.size(), 4) + little(text.size(), 4);
  return std::string("PK\3\4") + little(20, 2) + little(streamed ? 8 : 0, 2) +
         little(stored ? 0 : 8, 2) + little(0, 4) + (streamed ? std::string(12, '\0') : sums) +
         little(name.size(), 2) + little(0, 2) + name + packed +
         (streamed ? std::string("PK\7\10") + sums : "");
}

/// An archive of such members. What follows them nobody reads here.
inline std::string zip_of(const std::string& members) {
  return members + std::string("PK\1\2") + std::string(60, '\0');
}

}  // namespace compressed
