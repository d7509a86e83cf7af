#include "io/decoder.h"

#define ZLIB_CONST  // its input is const
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

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

template <class T>
std::unique_ptr<Decoder> make() {
  return std::make_unique<T>();
}

// Those without a decoder are here for a clear message. No text begins with any of them.
const FileFormat kFormats[] = {
    {"gzip", "\x1f\x8b"sv, make<GzipDecoder>},
    {"zstd", "\x28\xb5\x2f\xfd"sv, make<ZstdDecoder>},
    {"zstd", "\x50\x2a\x4d\x18"sv, make<ZstdDecoder>},  // a frame to be skipped, as pzstd writes
    {"xz", "\xfd\x37zXZ\0"sv, nullptr},
    {"bzip2", "BZh91AY&SY"sv, nullptr},
    {"lz4", "\x04\x22\x4d\x18"sv, nullptr},
    {"zip", "PK\x03\x04"sv, nullptr},
    {"Parquet", "PAR1\x15"sv, nullptr},
    {"HDF5", "\x89HDF\r\n"sv, nullptr},
    {"numpy", "\x93NUMPY"sv, nullptr},
};

}  // namespace

const FileFormat* find_format(std::string_view start, bool& undecided) {
  undecided = false;
  for (const FileFormat& format : kFormats) {
    const std::size_t length = std::min(start.size(), format.magic.size());
    if (start.substr(0, length) != format.magic.substr(0, length)) continue;
    if (length == format.magic.size()) return &format;
    undecided = true;
  }
  return nullptr;
}

}  // namespace nflow
