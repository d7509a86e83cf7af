#define ZLIB_CONST  // its input is const
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

#include "io/packed_formats.h"

namespace nflow {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHeader = 30;  // bytes of a member's header, without its name and extra field
constexpr std::uint32_t kInExtra = 0xFFFFFFFF;  // a size that stands in the extra field

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = count; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

bool begins_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool ends_with(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

/// The members of an archive in the order of the file, each behind a header of its own.
class ZipDecoder : public Decoder {
 public:
  ZipDecoder() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~ZipDecoder() override { inflateEnd(&stream_); }
  ZipDecoder(const ZipDecoder&) = delete;
  ZipDecoder& operator=(const ZipDecoder&) = delete;

  Progress decode(std::string_view input, char* bytes, std::size_t size) override {
    Progress progress;
    while (progress.failure.empty()) {
      const std::string_view rest = input.substr(progress.taken);
      if (part_ == Part::end) {
        progress.taken = input.size();
        break;
      }
      const bool in_data = part_ == Part::stored || part_ == Part::deflated;
      if (in_data ? progress.given == size || (rest.empty() && size_left_ != 0) : rest.empty()) {
        break;
      }
      switch (part_) {
        case Part::header:
          take_header(rest, progress);
          break;
        case Part::stored:
          copy(rest, bytes, size, progress);
          break;
        case Part::deflated:
          inflate_some(rest, bytes, size, progress);
          break;
        default:
          take_descriptor(rest, progress);
      }
    }
    return progress;
  }
  bool at_end() const override { return part_ == Part::end; }

 private:
  enum class Part { header, stored, deflated, descriptor, end };

  static void refuse(Progress& progress, const std::string& why) {
    progress.failure = why;
    progress.damaged = false;
  }

  /// Collects `count` bytes in kept_; false where there are not so many yet.
  bool collect(std::size_t count, std::string_view& rest, Progress& progress) {
    const std::size_t more = std::min(count - std::min(count, kept_.size()), rest.size());
    kept_ += rest.substr(0, more);
    rest.remove_prefix(more);
    progress.taken += more;
    return kept_.size() >= count;
  }

  void take_header(std::string_view rest, Progress& progress) {
    if (!collect(4, rest, progress)) return;
    if (kept_ == "PK\1\2"sv || kept_ == "PK\5\6"sv) {
      part_ = Part::end;
      if (members_ == 0) refuse(progress, "the zip archive holds no file");
      return;
    }
    if (!begins_with(kept_, "PK\3\4"sv)) {
      progress.failure = "no header of a member";
      return;
    }
    if (!collect(kHeader, rest, progress)) return;
    const std::size_t name = number_at(kept_, 26, 2), extra = number_at(kept_, 28, 2);
    if (!collect(kHeader + name + extra, rest, progress)) return;
    begin_member(std::string_view(kept_).substr(kHeader, name),
                 std::string_view(kept_).substr(kHeader + name), progress);
    kept_.clear();
  }

  void begin_member(std::string_view name, std::string_view extra, Progress& progress) {
    const std::uint64_t flags = number_at(kept_, 6, 2), method = number_at(kept_, 8, 2);
    expected_crc_ = number_at(kept_, 14, 4);
    size_left_ = number_at(kept_, 18, 4);
    find_large_sizes(extra);
    has_descriptor_ = (flags & 8) != 0;
    crc_ = crc32(0, nullptr, 0);
    const bool folder = ends_with(name, "/");
    ignored_ = folder || begins_with(name, "__MACOSX/");
    if (name == "[Content_Types].xml") {
      return refuse(progress,
                    "found an office document such as .xlsx or .docx, expected CSV; save "
                    "the table as CSV");
    }
    if (ends_with(name, ".npy")) {
      return refuse(progress, "found numpy arrays in a zip archive, expected CSV");
    }
    if (!ignored_ && ++members_ > 1) {
      return refuse(progress, "the zip archive holds more than one file; unzip it and name one");
    }
    if ((flags & 1) != 0) return refuse(progress, "the zip archive is encrypted; unzip it first");
    const bool stored = method == 0 && !has_descriptor_;
    if (!stored && method != 8) {
      return refuse(progress,
                    "the zip archive is packed in a way that is not read; unzip it first");
    }
    part_ = stored ? Part::stored : Part::deflated;
    if (stored) return;
    size_left_ = 1;  // the data say themselves where they end
    inflateReset(&stream_);
  }

  /// Sizes beyond 4 GiB are in the extra field 1.
  void find_large_sizes(std::string_view extra) {
    large_ = false;
    while (extra.size() >= 4) {
      const std::uint64_t id = number_at(extra, 0, 2);
      const std::size_t size = std::min<std::size_t>(number_at(extra, 2, 2), extra.size() - 4);
      if (id == 1) {
        large_ = true;
        const bool both = number_at(kept_, 22, 4) == kInExtra;
        const std::size_t at = 4 + (both ? 8 : 0);
        if (size_left_ == kInExtra && at + 8 <= 4 + size) size_left_ = number_at(extra, at, 8);
      }
      extra.remove_prefix(4 + size);
    }
  }

  void count(const char* bytes, std::size_t size, Progress& progress) {
    crc_ = crc32(crc_, reinterpret_cast<const Bytef*>(bytes), static_cast<uInt>(size));
    if (!ignored_) progress.given += size;
  }

  void end_member(Progress& progress) {
    part_ = has_descriptor_ ? Part::descriptor : Part::header;
    if (!has_descriptor_) check_crc(progress);
  }

  void check_crc(Progress& progress) const {
    if (crc_ != expected_crc_) progress.failure = "what was packed does not fit its checks";
  }

  void copy(std::string_view rest, char* bytes, std::size_t size, Progress& progress) {
    const std::size_t room = size - progress.given;
    const auto some =
        static_cast<std::size_t>(std::min<std::uint64_t>({room, rest.size(), size_left_}));
    if (some != 0) std::memcpy(bytes + progress.given, rest.data(), some);
    progress.taken += some;
    size_left_ -= some;
    count(bytes + progress.given, some, progress);
    if (size_left_ == 0) end_member(progress);
  }

  void inflate_some(std::string_view rest, char* bytes, std::size_t size, Progress& progress) {
    char* to = bytes + progress.given;
    stream_.next_in = reinterpret_cast<const Bytef*>(rest.data());
    stream_.avail_in = static_cast<uInt>(rest.size());
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(size - progress.given);
    const uInt room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    progress.taken += rest.size() - stream_.avail_in;
    count(to, room - stream_.avail_out, progress);
    if (status == Z_STREAM_END) {
      end_member(progress);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      progress.failure = stream_.msg != nullptr ? stream_.msg : "unknown failure";
    }
  }

  /// The checksum and the sizes, where the header could not know them; a signature may precede.
  void take_descriptor(std::string_view rest, Progress& progress) {
    if (!collect(4, rest, progress)) return;
    const std::size_t at = begins_with(kept_, "PK\7\10"sv) ? 4 : 0;
    if (!collect(at + 4 + (large_ ? 16 : 8), rest, progress)) return;
    expected_crc_ = number_at(kept_, at, 4);
    kept_.clear();
    part_ = Part::header;
    check_crc(progress);
  }

  z_stream stream_{};
  Part part_ = Part::header;
  std::string kept_;  // of a header or descriptor, as far as it has come
  std::size_t members_ = 0;
  bool ignored_ = false, has_descriptor_ = false, large_ = false;
  std::uint64_t expected_crc_ = 0, size_left_ = 0;
  uLong crc_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> make_zip_decoder() { return std::make_unique<ZipDecoder>(); }

}  // namespace nflow
