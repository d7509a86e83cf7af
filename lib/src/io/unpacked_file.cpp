#include "io/unpacked_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "nflow/error.h"

namespace nflow {
namespace {

constexpr std::size_t kBlockSize = std::size_t{1} << 17;

}  // namespace

UnpackedFile::UnpackedFile(std::string path)
    : file_(std::move(path)), buffer_(new char[kBlockSize]) {}

std::optional<std::uint64_t> UnpackedFile::size() const {
  if (sniffing_ || decoder_) return std::nullopt;
  return file_.size();
}

void UnpackedFile::seek(std::uint64_t offset) {
  file_.seek(offset);
  input_ = {};
  has_more_ = file_ended_ = ended_ = false;
}

std::size_t UnpackedFile::read(char* bytes, std::size_t size) {
  if (sniffing_) sniff();
  if (sniffing_) return 0;
  if (decoder_) return decode(bytes, size);
  return copy(bytes, size);
}

/// Reads on in the first bytes, until they say what the file is.
void UnpackedFile::sniff() {
  const std::size_t before = input_.size();
  const std::size_t count = file_.read(buffer_.get() + before, kBlockSize - before);
  input_ = {buffer_.get(), before + count};
  file_ended_ = count == 0;
  bool undecided = false;
  format_ = find_format(input_, undecided);
  sniffing_ = undecided && !file_ended_;
  has_more_ = !sniffing_;
  if (format_ == nullptr) return;
  const std::string name(format_->name);
  if (format_->make_decoder == nullptr)
    throw Error(file_.name() + ": found " + name +
                " data, expected CSV, plain or in gzip, bzip2, zstd, xz or zip");
  decoder_ = format_->make_decoder();
}

std::size_t UnpackedFile::copy(char* bytes, std::size_t size) {
  if (!has_more_) {
    const std::size_t count = file_ended_ ? 0 : file_.read(bytes, size);
    ended_ = count == 0;
    return count;
  }
  const std::size_t count = std::min(size, input_.size());
  std::memcpy(bytes, input_.data(), count);
  input_.remove_prefix(count);
  has_more_ = !input_.empty();
  if (count == 0) ended_ = true;
  return count;
}

/// Reads the next block of the file.
void UnpackedFile::fill() {
  const std::size_t count = file_.read(buffer_.get(), kBlockSize);
  input_ = {buffer_.get(), count};
  file_ended_ = count == 0;
}

std::size_t UnpackedFile::decode(char* bytes, std::size_t size) {
  if (!failure_.empty()) fail_by_decoder();
  if (!has_more_) fill();
  auto [taken, given, failure, damaged] = decoder_->decode(input_, bytes, size);
  input_.remove_prefix(taken);
  failure_ = std::move(failure);
  damaged_ = damaged;
  has_more_ = !input_.empty() || given == size || file_ended_ || !failure_.empty();
  if (given != 0) return given;
  if (!failure_.empty()) fail_by_decoder();
  if (file_ended_ && !decoder_->at_end()) fail("cut short");
  ended_ = file_ended_;
  return 0;
}

void UnpackedFile::fail_by_decoder() const {
  if (damaged_) fail("damaged: " + failure_);
  throw Error(file_.name() + ": " + failure_);
}

void UnpackedFile::fail(const std::string& what) const {
  throw Error(file_.name() + ": the " + std::string(format_->name) + " data are " + what);
}

}  // namespace nflow
