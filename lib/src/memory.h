#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "view.h"

namespace nflow {

/// Asks the system for huge pages there, where nothing has been written yet: products walk through
/// megabytes of parameters and gradients in strides of a page, and would wait for the translation
/// of addresses as long as for the numbers. Only a wish, and nothing for small blocks.
void prefer_huge_pages(void* data, std::size_t bytes);

/// Where large blocks begin, so that huge pages fit them.
std::size_t alignment_of(std::size_t bytes);

/// Zeros, beginning at a cache line, as wide vector loads like it.
template <class T>
class AlignedBlock {
 public:
  explicit AlignedBlock(Index entries) {
    const std::size_t bytes = static_cast<std::size_t>(entries) * sizeof(T);
    const std::size_t alignment = alignment_of(bytes);
    data_.reset(static_cast<T*>(
        std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment)));
    if (!data_) throw std::bad_alloc();
    prefer_huge_pages(data_.get(), bytes);
    std::fill_n(data_.get(), entries, T(0));
  }
  T* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T, Free> data_;
};

/// A vector of as many numbers as parameters, in huge pages.
template <class T, class Values>
std::vector<T> large_vector(const Values& values) {
  std::vector<T> large;
  large.reserve(values.size());
  prefer_huge_pages(large.data(), values.size() * sizeof(T));
  large.assign(values.begin(), values.end());
  return large;
}
template <class T>
std::vector<T> large_zeros(Index count) {
  std::vector<T> large;
  large.reserve(count);
  prefer_huge_pages(large.data(), static_cast<std::size_t>(count) * sizeof(T));
  large.resize(count);
  return large;
}

}  // namespace nflow
