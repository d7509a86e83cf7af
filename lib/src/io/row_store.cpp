#include "io/row_store.h"

#include <algorithm>
#include <new>

namespace nflow {
namespace {

/// Numbers of a segment: 4 MiB.
constexpr std::uint64_t kSegment = std::uint64_t{1} << 19;

constexpr std::uint64_t kSegmentBytes = kSegment * sizeof(double);

}  // namespace

void RowStore::append(const double* rows, Index count) {
  for (std::uint64_t left = static_cast<std::uint64_t>(count * cols_); left > 0;) {
    const std::uint64_t at = numbers_ % kSegment;
    if (at == 0) make_room();
    const std::uint64_t part = std::min(left, kSegment - at);
    std::copy_n(rows, part, segments_.back().get() + at);
    numbers_ += part;
    rows += part;
    left -= part;
  }
}

void RowStore::finish() {
  if (!file_ && bytes() <= budget_) return;
  move_to_file();
  segments_.clear();
}

/// An empty segment at the end.
void RowStore::make_room() {
  const bool fits = segments_.empty() || (segments_.size() + 1) * kSegmentBytes <= budget_;
  if (file_ || !fits || !add_segment()) move_to_file();
}

bool RowStore::add_segment() {
  try {
    segments_.emplace_back(new double[kSegment]);
  } catch (const std::bad_alloc&) {
    if (segments_.empty()) throw;
    return false;
  }
  return true;
}

/// Writes all numbers, and leaves a segment to fill again.
void RowStore::move_to_file() {
  if (!file_) file_ = std::make_unique<ScratchFile>();
  for (const Segment& segment : segments_) {
    const std::uint64_t count = std::min(kSegment, numbers_ - written_);
    file_->append(segment.get(), count * sizeof(double));
    written_ += count;
  }
  segments_.resize(1);
}

void RowStore::read(Index first, Index count, double* to) const {
  auto at = static_cast<std::uint64_t>(first * cols_);
  auto left = static_cast<std::uint64_t>(count * cols_);
  if (file_) return file_->read(at * sizeof(double), to, left * sizeof(double));
  while (left > 0) {
    const std::uint64_t begin = at % kSegment, part = std::min(left, kSegment - begin);
    std::copy_n(segments_[at / kSegment].get() + begin, part, to);
    at += part;
    to += part;
    left -= part;
  }
}

void RowStore::will_read(Index first, Index count) const {
  const std::uint64_t row = static_cast<std::uint64_t>(cols_) * sizeof(double);
  if (file_) file_->will_read(first * row, count * row);
}

}  // namespace nflow
