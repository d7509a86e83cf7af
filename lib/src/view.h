#pragma once

#include <cstddef>
#include <type_traits>

#include "kernels/kernels.h"

namespace nflow {

using Index = std::ptrdiff_t;

/// Rows rounded up to what the kernels take.
constexpr Index padded(Index rows) { return (rows + kRowStep - 1) / kRowStep * kRowStep; }

/// A tile, N x D: column j is contiguous and begins at data + j * stride. It owns nothing and never
/// copies. `rows` is a multiple of kRowStep; rows that only fill up hold finite numbers.
template <class T>
struct View {
  T* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index stride = 0;

  View() = default;
  View(T* data_, Index rows_, Index cols_) : data(data_), rows(rows_), cols(cols_), stride(rows_) {}
  /// A View may be read where a View of const is wanted.
  template <class U, class = std::enable_if_t<std::is_same_v<const U, T>>>
  View(const View<U>& other)
      : data(other.data), rows(other.rows), cols(other.cols), stride(other.stride) {}

  T* col(Index j) const { return data + j * stride; }
  View columns(Index first, Index count) const {
    View part = *this;
    part.data = col(first);
    part.cols = count;
    return part;
  }
  Index size() const { return rows * cols; }
};

template <class T>
void copy(View<const T> from, View<T> to) {
  for (Index j = 0; j < from.cols; ++j) std::copy_n(from.col(j), from.rows, to.col(j));
}

/// to += from
template <class T>
void add(View<const T> from, View<T> to) {
  for (Index j = 0; j < from.cols; ++j) kernels<T>().add(from.rows, from.col(j), to.col(j));
}

}  // namespace nflow
