#include "io/block_store.h"

namespace nflow {

void BlockStore::append(const RowMatrix& rows, const std::vector<std::uint64_t>& begin) {
  for (std::size_t i = 0; i < begin.size(); ++i) {
    const std::size_t block = begin[i] / block_bytes_ - static_cast<std::uint64_t>(first_block_);
    const Index here = rows_.rows() + static_cast<Index>(i);
    while (first_row_.size() <= block) first_row_.push_back(here);
  }
  rows_.append(rows.data(), rows.rows());
}

BlockStore::Range BlockStore::rows_of(Index block) const {
  const Index at = block - first_block_, blocks = static_cast<Index>(first_row_.size());
  if (at < 0 || at >= blocks) return {0, 0};
  const auto place = static_cast<std::size_t>(at);
  const Index end = at + 1 < blocks ? first_row_[place + 1] : rows_.rows();
  return {first_row_[place], end - first_row_[place]};
}

void BlockStore::read(Index block, RowMatrix& rows) const {
  const Range range = rows_of(block);
  rows.resize(range.count, rows_.cols());
  rows_.read(range.first, range.count, rows.data());
  nflow::renumber(rows, numbers_);
}

void BlockStore::will_read(Index block) const {
  const Range range = rows_of(block);
  rows_.will_read(range.first, range.count);
}

}  // namespace nflow
