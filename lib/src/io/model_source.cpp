#include "io/model_source.h"

#include <cstring>
#include <utility>

#include "io/safetensors.h"
#include "nflow/error.h"

namespace nflow {
namespace {

// What is read, and thrown away, to tell a damaged file from a wrong one.
constexpr std::uint64_t kMostToLookThrough = std::uint64_t{256} << 20;

}  // namespace

ModelSource::ModelSource(Read from, std::optional<std::uint64_t> size)
    : read_(std::move(from)), size_known_(size.has_value()) {
  start_.resize(kFixedBytes);
  start_.resize(read_up_to(start_.data(), kFixedBytes));
  promised_ = promised_size(start_);
  check_size(size.value_or(std::max(promised_, count_)));
  const std::string zeros(kDigestDigits, '0');
  digest_.add(start_.data(), kDigestPlace);
  digest_.add(zeros.data(), zeros.size());
  digest_.add(&start_[kDigestPlace + kDigestDigits], kFixedBytes - kDigestPlace - kDigestDigits);
  std::memcpy(&length_, start_.data(), sizeof length_);
  if (!is_header_length(length_, promised_)) return;
  start_.resize(sizeof length_ + length_);
  read(&start_[kFixedBytes], start_.size() - kFixedBytes);
}

std::string_view ModelSource::header() const {
  if (!is_header_length(length_, promised_)) {
    refuse_model("its header claims " + std::to_string(length_) + " bytes");
  }
  return std::string_view(start_).substr(sizeof length_);
}

void ModelSource::check_size(std::uint64_t size) const {
  if (size < promised_) {
    throw Error("the model file is cut short: " + std::to_string(size) + " bytes where " +
                std::to_string(promised_) + " were expected");
  }
  if (size > promised_) {
    throw Error("the model file is damaged (it goes on after its " + std::to_string(promised_) +
                " bytes)");
  }
}

std::size_t ModelSource::read_up_to(char* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const std::size_t count = read_(bytes + done, size - done);
    if (count == 0) break;
    done += count;
  }
  count_ += done;
  return done;
}

void ModelSource::read(char* bytes, std::size_t size) {
  if (read_up_to(bytes, size) < size) check_size(count_);
  digest_.add(bytes, size);
}

void ModelSource::check_end() {
  char more = 0;
  read_up_to(&more, 1);
  check_size(count_);
  const std::string_view written = std::string_view(start_).substr(kDigestPlace, kDigestDigits);
  if (written != digest_.text()) throw Error("the model file is damaged (digest does not match)");
}

void ModelSource::check_for_damage() {
  const std::uint64_t left = promised_ - count_;
  if (left > kMostToLookThrough) return;
  std::vector<char> block(std::size_t{1} << 20);
  for (std::uint64_t done = 0; done < left;) {
    const std::size_t size = std::min<std::uint64_t>(block.size(), left - done);
    read(block.data(), size);
    done += size;
  }
  check_end();
}

}  // namespace nflow
