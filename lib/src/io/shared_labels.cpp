#include "io/shared_labels.h"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace nflow {
namespace {

void append_bytes(std::vector<char>& bytes, const void* data, std::size_t count) {
  const char* from = static_cast<const char*>(data);
  bytes.insert(bytes.end(), from, from + count);
}

void append_size(std::vector<char>& bytes, std::uint64_t size) {
  append_bytes(bytes, &size, sizeof size);
}

/// Their number, have they overflowed, and each text behind its length.
std::vector<char> bytes_of(const Labels& labels) {
  std::vector<char> bytes;
  append_size(bytes, static_cast<std::uint64_t>(labels.size()));
  append_size(bytes, labels.overflowed() ? 1 : 0);
  for (const std::string& text : labels.texts()) {
    append_size(bytes, text.size());
    append_bytes(bytes, text.data(), text.size());
  }
  return bytes;
}

/// Takes apart what bytes_of() put together, of one rank after the other.
class Reader {
 public:
  explicit Reader(const std::vector<char>& bytes) : at_(bytes.data()) {}

  std::uint64_t size() {
    std::uint64_t size;
    std::memcpy(&size, at_, sizeof size);
    at_ += sizeof size;
    return size;
  }
  std::string_view text() {
    const std::size_t length = size();
    at_ += length;
    return {at_ - length, length};
  }

 private:
  const char* at_;
};

std::vector<Index> share_column(Ranks& ranks, Labels& labels) {
  const std::vector<char> all = gather_all(&ranks, bytes_of(labels));
  Reader reader(all);
  Labels shared(labels.bounds());
  std::vector<Index> numbers;
  for (int rank = 0; rank < ranks.count(); ++rank) {
    const std::uint64_t count = reader.size();
    if (reader.size() != 0) shared.set_overflowed();
    for (std::uint64_t i = 0; i < count; ++i) {
      const Index number = shared.number_of(reader.text());
      if (rank == ranks.rank()) numbers.push_back(number);
    }
  }
  labels = std::move(shared);
  return numbers;
}

/// Which columns have labels in any rank; tables of numbers are done with that.
std::vector<bool> columns_with_labels(Ranks& ranks, const std::vector<Labels>& labels) {
  std::vector<char> own;
  for (const Labels& column : labels) own.push_back(column.size() > 0 || column.overflowed());
  const std::vector<char> all = gather_all(&ranks, own);
  std::vector<bool> any(own.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] != 0) any[i % own.size()] = true;
  }
  return any;
}

}  // namespace

void renumber(RowMatrix& rows, const LabelNumbers& numbers) {
  for (std::size_t j = 0; j < numbers.size(); ++j) {
    const auto count = static_cast<Index>(numbers[j].size());
    if (count == 0) continue;
    for (double& value : rows.col(static_cast<Index>(j))) {
      if (!is_label(value) || label_number(value) >= count) continue;
      value = label_value(numbers[j][static_cast<std::size_t>(label_number(value))]);
    }
  }
}

LabelNumbers share_labels(Ranks* ranks, std::vector<Labels>& labels) {
  LabelNumbers numbers(labels.size());
  if (!ranks) return numbers;
  const std::vector<bool> any = columns_with_labels(*ranks, labels);
  for (std::size_t j = 0; j < labels.size(); ++j) {
    if (any[j]) numbers[j] = share_column(*ranks, labels[j]);
  }
  return numbers;
}

}  // namespace nflow
