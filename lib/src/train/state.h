#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "nflow/error.h"

namespace nflow {

/// Appends numbers and vectors to the state of a training, as they lie in memory.
class StateWriter {
 public:
  template <class N>
  void operator()(const N& number) {
    static_assert(std::is_arithmetic_v<N>);
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  template <class N>
  void operator()(const std::vector<N>& numbers) {
    (*this)(static_cast<std::uint64_t>(numbers.size()));
    bytes_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(N));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads them back, in the same order and into vectors of the same size, or throws Error.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  template <class N>
  void operator()(N& number) {
    static_assert(std::is_arithmetic_v<N>);
    take(&number, sizeof number);
  }
  template <class N>
  void operator()(std::vector<N>& numbers) {
    std::uint64_t size = 0;
    (*this)(size);
    if (size != numbers.size()) refuse();
    take(numbers.data(), numbers.size() * sizeof(N));
  }
  void finish() const {
    if (!bytes_.empty()) refuse();
  }

 private:
  void take(void* to, std::size_t size) {
    if (bytes_.size() < size) refuse();
    if (size != 0) std::memcpy(to, bytes_.data(), size);
    bytes_.remove_prefix(size);
  }
  [[noreturn]] static void refuse() {
    throw Error("the state of the training does not fit its flow");
  }

  std::string_view bytes_;
};

}  // namespace nflow
