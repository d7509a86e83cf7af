#include "io/decoder.h"

#include <bzlib.h>
#include <lzma.h>
#define ZLIB_CONST  // its input is const
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

#include "io/packed_formats.h"

namespace nflow {
namespace {

using namespace std::string_view_literals;

/// The members of a gzip file, one after the other; zeros may fill the space behind the last.
class GzipDecoder : public Decoder {
 public:
  GzipDecoder() {
    const int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    if (between_ && !input.empty()) {
      const std::size_t zeros = std::min(input.find_first_not_of('\0'), input.size());
      if (zeros != 0) return {zeros, 0, ""};
      between_ = inflateReset(&stream_) != Z_OK;
    }
    stream_.next_in = reinterpret_cast<const Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(bytes);
    stream_.avail_out = static_cast<uInt>(size);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    between_ = status == Z_STREAM_END || (between_ && input.empty());
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    Progress progress{input.size() - stream_.avail_in, size - stream_.avail_out, ""};
    // Z_BUF_ERROR: it has taken all there is.
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR) return progress;
    progress.failure = stream_.msg != nullptr ? stream_.msg : "unknown failure";
    return progress;
  }
  bool at_end() const override { return between_; }

 private:
  z_stream stream_{};
  bool between_ = false;  // is a member over and no other begun?
};

/// The frames of a zstd file, one after the other. A frame that asks for a window of more than
/// 128 MiB is refused, as zstd(1) does.
class ZstdDecoder : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{bytes, size, 0};
    const std::size_t status = ZSTD_decompressStream(context_, &out, &in);
    if (ZSTD_isError(status) != 0) return {in.pos, out.pos, ZSTD_getErrorName(status)};
    between_ = status == 0 || (between_ && in.pos == 0);
    return {in.pos, out.pos, ""};
  }
  bool at_end() const override { return between_; }

 private:
  ZSTD_DCtx* context_;
  bool between_ = false;  // is a frame over and no other begun?
};

/// The streams of an xz file, one after the other, with zeros between them or not. A stream that
/// asks for more memory than any preset of xz(1) does is refused.
class XzDecoder : public Decoder {
 public:
  XzDecoder() { begin(); }
  ~XzDecoder() override { lzma_end(&stream_); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    if (between_ && !input.empty()) {
      const std::size_t zeros = std::min(input.find_first_not_of('\0'), input.size());
      if (zeros != 0) return {zeros, 0, ""};
      begin();
    }
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(bytes);
    stream_.avail_out = size;
    const lzma_ret status = lzma_code(&stream_, LZMA_RUN);
    between_ = status == LZMA_STREAM_END || (between_ && input.empty());
    if (status == LZMA_MEM_ERROR) throw std::bad_alloc();
    return {input.size() - stream_.avail_in, size - stream_.avail_out, failure_of(status)};
  }
  bool at_end() const override { return between_; }

 private:
  static constexpr std::uint64_t kMostMemory = std::uint64_t{80} << 20;

  void begin() {
    if (lzma_stream_decoder(&stream_, kMostMemory, 0) != LZMA_OK) throw std::bad_alloc();
    between_ = false;
  }
  static const char* failure_of(lzma_ret status) {
    switch (status) {
      case LZMA_OK:
      case LZMA_STREAM_END:
      case LZMA_BUF_ERROR:  // it has taken all there is
        return "";
      case LZMA_FORMAT_ERROR:
        return "no header of a stream";
      case LZMA_OPTIONS_ERROR:
        return "unknown options";
      case LZMA_MEMLIMIT_ERROR:
        return "too large a dictionary";
      default:
        return "what was packed does not fit its checks";
    }
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool between_ = false;  // is a stream over and no other begun?
};

/// The streams of a bzip2 file, one after the other.
class Bzip2Decoder : public Decoder {
 public:
  Bzip2Decoder() { begin(); }
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&stream_); }
  Bzip2Decoder(const Bzip2Decoder&) = delete;
  Bzip2Decoder& operator=(const Bzip2Decoder&) = delete;

  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    if (between_ && !input.empty()) {
      BZ2_bzDecompressEnd(&stream_);
      begin();
    }
    stream_.next_in = const_cast<char*>(input.data());  // which it only reads
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = bytes;
    stream_.avail_out = static_cast<unsigned>(size);
    const int status = between_ ? BZ_OK : BZ2_bzDecompress(&stream_);
    between_ = status == BZ_STREAM_END || between_;
    if (status == BZ_MEM_ERROR) throw std::bad_alloc();
    Progress progress{input.size() - stream_.avail_in, size - stream_.avail_out, ""};
    if (status == BZ_OK || status == BZ_STREAM_END) return progress;
    progress.failure = status == BZ_DATA_ERROR_MAGIC ? "no header of a stream"
                                                     : "what was packed does not fit its checks";
    return progress;
  }
  bool at_end() const override { return between_; }

 private:
  void begin() {
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    between_ = false;
  }

  bz_stream stream_{};
  bool between_ = false;  // is a stream over and no other begun?
};

template <class T>
std::unique_ptr<Decoder> make() {
  return std::make_unique<T>();
}

// A ? stands for any byte. Formats without a decoder are here for a clear message. No table of text
// begins with any of them.
const FileFormat kFormats[] = {
    {"gzip", "\x1f\x8b"sv, make<GzipDecoder>},
    {"zstd", "\x28\xb5\x2f\xfd"sv, make<ZstdDecoder>},
    {"zstd", "\x50\x2a\x4d\x18"sv, make<ZstdDecoder>},  // a frame to be skipped, as pzstd writes
    {"xz", "\xfd\x37zXZ\0"sv, make<XzDecoder>},
    {"bzip2", "BZh?1AY&SY"sv, make<Bzip2Decoder>},
    {"bzip2", "BZh?\x17rE8P\x90"sv, make<Bzip2Decoder>},  // of nothing
    {"zip", "PK\x03\x04"sv, make_zip_decoder},
    {"zip", "PK\x05\x06"sv, make_zip_decoder},  // of an archive without files
    {"UTF-16", "\xff\xfe"sv, make_utf16_decoder},
    {"UTF-16", "\xfe\xff"sv, make_utf16_decoder},
    {"numpy", "\x93NUMPY"sv, make_numpy_decoder},
    {"lz4", "\x04\x22\x4d\x18"sv, nullptr},
    {"7z", "7z\xbc\xaf\x27\x1c"sv, nullptr},
    {"rar", "Rar!\x1a\x07"sv, nullptr},
    {"Parquet", "PAR1\x15"sv, nullptr},
    {"Arrow", "ARROW1\0\0"sv, nullptr},
    {"Arrow", "\xff\xff\xff\xff"sv, nullptr},  // a stream of messages
    {"Feather", "FEA1"sv, nullptr},
    {"ORC", "ORC\x0a"sv, nullptr},
    {"Avro", "Obj\x01"sv, nullptr},
    {"HDF5", "\x89HDF\r\n"sv, nullptr},
    {"netCDF", "CDF\x01"sv, nullptr},
    {"netCDF", "CDF\x02"sv, nullptr},
    {"SQLite", "SQLite format 3\0"sv, nullptr},
    {"R", "RDX2\n"sv, nullptr},
    {"R", "RDX3\n"sv, nullptr},
    {"Stata", "<stata_dta>"sv, nullptr},
    {"SPSS", "$FL2@(#)"sv, nullptr},
    {"MATLAB", "MATLAB 5.0 MAT-file"sv, nullptr},
    {"Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, nullptr},
    {"PDF", "%PDF-"sv, nullptr},
    {"HTML", "<!DOCTYPE html"sv, nullptr},
    {"HTML", "<!doctype html"sv, nullptr},
    {"HTML", "<html"sv, nullptr},
};

}  // namespace

const FileFormat* find_format(std::string_view start, bool& undecided) {
  undecided = false;
  for (const FileFormat& format : kFormats) {
    const std::size_t length = std::min(start.size(), format.magic.size());
    const auto fits = [](char byte, char of_magic) { return of_magic == '?' || byte == of_magic; };
    if (!std::equal(start.begin(), start.begin() + length, format.magic.begin(), fits)) continue;
    if (length == format.magic.size()) return &format;
    undecided = true;
  }
  return nullptr;
}

}  // namespace nflow
